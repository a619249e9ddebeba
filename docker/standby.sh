#!/usr/bin/env bash
# The standby's entrypoint: the first time it copies the primary, and then it follows.
set -euo pipefail

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # What an interrupted copy has left would stop the next one.
  rm -rf "$PGDATA"
  pg_basebackup --pgdata="$PGDATA" --checkpoint=fast --wal-method=stream --write-recovery-conf \
    --slot=standby \
    --dbname='host=primary user=replicator application_name=standby'
  chmod 700 "$PGDATA"
fi

exec postgres
