-- Deletes commit tokens older than this, and notes it: an older ticket can no longer be resolved.
--   psql -v older_than='1 day' -f expire-commit-tokens.sql
-- Keep them for longer than any transaction lasts, and than anybody may come back to ask.
WITH horizon AS (
  INSERT INTO carom.commit_horizon (expired_until)
  VALUES (clock_timestamp() - greatest(:'older_than'::interval, interval '1 minute'))
  ON CONFLICT (single) DO UPDATE
    SET expired_until = greatest(commit_horizon.expired_until, excluded.expired_until)
  RETURNING expired_until
)
DELETE FROM carom.commit_tokens USING horizon WHERE created_at < horizon.expired_until;
