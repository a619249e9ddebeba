-- The table of commit tokens for commit: 'fence'. For a migration; can be run any number of times.
-- Who writes needs USAGE on the schema, SELECT and INSERT on both tables; who expires tokens DELETE and UPDATE as well.
CREATE SCHEMA IF NOT EXISTS carom;
CREATE TABLE IF NOT EXISTS carom.commit_tokens (
  token uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  fenced boolean NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS commit_tokens_created_at ON carom.commit_tokens (created_at);
CREATE TABLE IF NOT EXISTS carom.commit_horizon (
  single boolean PRIMARY KEY DEFAULT true CHECK (single),
  expired_until timestamptz NOT NULL
);
