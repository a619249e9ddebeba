/** The address of a `pg` pool: what tells its datasource from another; never shown, and no credentials in it. */
import type { Address } from '@carom/postgres';
import type { Pool } from 'pg';

/** Reads host, port and database from the pool's options, its connection string or the environment. */
export function addressOf(pool: Pool): Address {
  const { PGHOST, PGPORT, PGDATABASE } = process.env;
  const options = pool.options ?? {};
  const parsed = fromUrl(options.connectionString);
  return {
    host: parsed.host ?? options.host ?? PGHOST,
    port: parsed.port ?? options.port ?? PGPORT,
    database: parsed.database ?? options.database ?? PGDATABASE,
  };
}

function fromUrl(connectionString: string | undefined): Address {
  if (connectionString === undefined || !URL.canParse(connectionString)) return {};
  const { hostname, port, pathname } = new URL(connectionString);
  return {
    host: hostname === '' ? undefined : hostname,
    port: port === '' ? undefined : port,
    database: pathname.length > 1 ? decodeURIComponent(pathname.slice(1)) : undefined,
  };
}
