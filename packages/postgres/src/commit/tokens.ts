/** Carom's own table of commit tokens (level 2, the fence): how it is made, filled and emptied. */
import { CaromError } from '@carom/core';

/**
 * The SQL that makes the table, for a migration. It can be run any number of times. Whoever writes through
 * `commit: 'fence'` needs USAGE on the schema and SELECT, INSERT on both tables; who expires tokens
 * needs DELETE and UPDATE as well.
 */
export const commitTokensSql: string = `CREATE SCHEMA IF NOT EXISTS carom;
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
`;

/** Puts a token in, and says which, when it was by the server's clock, and how durable the COMMIT will be. */
export const insertToken: string = `INSERT INTO carom.commit_tokens DEFAULT VALUES
  RETURNING token::text, extract(epoch FROM created_at)::text, pg_catalog.current_setting('synchronous_commit')`;

/** Whether the table is there. */
export const tokensThere: string = "pg_catalog.to_regclass('carom.commit_tokens')::text";

/** A fence is only as good as its COMMIT: with `off` or `local` a failover could lose it. */
export const secureDurability: string = `SELECT pg_catalog.set_config('synchronous_commit', 'on', true)
  WHERE pg_catalog.current_setting('synchronous_commit') IN ('off', 'local')`;

/** What is used of a client or a pool of any driver like `pg`. */
export interface Queries {
  query(text: string, values?: unknown[]): Promise<{ readonly rowCount?: number | null }>;
}

/** Makes the table of tokens, where it is not there yet. */
export async function createCommitTokens(on: Queries): Promise<void> {
  await on.query(commitTokensSql);
}

/**
 * Deletes tokens that are older than `olderThan` ms, and notes it: about an older ticket nobody can say anything from
 * then on. Keep them for longer than any caller may come back to ask, and longer than any transaction lasts.
 * Returns how many were deleted.
 * @throws {CaromError} `CAROM_INVALID_OPTION` for an age that is not a number from 60,000 ms (a minute).
 */
export async function expireCommitTokens(on: Queries, olderThan: number): Promise<number> {
  if (!Number.isFinite(olderThan) || olderThan < 60_000) {
    throw new CaromError(
      'CAROM_INVALID_OPTION',
      'expireCommitTokens takes an age in ms, from 60000 (a minute): how old a token must be to go',
    );
  }
  // One statement: whoever sees a token gone sees the horizon too.
  const { rowCount } = await on.query(
    `WITH horizon AS (
      INSERT INTO carom.commit_horizon (expired_until)
      VALUES (clock_timestamp() - pg_catalog.make_interval(secs => $1::float8 / 1000))
      ON CONFLICT (single) DO UPDATE
        SET expired_until = greatest(commit_horizon.expired_until, excluded.expired_until)
      RETURNING expired_until
    )
    DELETE FROM carom.commit_tokens USING horizon WHERE created_at < horizon.expired_until`,
    [olderThan],
  );
  return rowCount ?? 0;
}

const missing: ReadonlySet<unknown> = new Set(['42P01', '3F000', '42703']);

/** Whether `error` says that the table is not there. */
export function isTokensMissing(error: unknown): boolean {
  return missing.has((error as { readonly code?: unknown } | null | undefined)?.code);
}

/** The error that says how to make it. */
export function tokensMissing(): CaromError {
  return new CaromError(
    'CAROM_FENCE_MISSING',
    `commit: 'fence' needs Carom's table of commit tokens, and the database has none. Put this into a migration, or call createCommitTokens(pool):\n${commitTokensSql}`,
  );
}
