/** Carom's table of commit tokens, through a Knex: made, and emptied of what is old. */
import { createCommitTokens as create, expireCommitTokens as expire } from '@carom/postgres';
import type { Knex } from 'knex';

// biome-ignore lint/suspicious/noExplicitAny: whatever rows and results a Knex is typed for.
type AnyKnex = Knex<any, any[]>;

interface Answer {
  readonly rowCount?: number | null;
}

const through = (knex: AnyKnex) => ({
  // Knex numbers its parameters itself.
  query: async (text: string, values: unknown[] = []): Promise<Answer> =>
    (await knex.raw(text.replaceAll('$1', '?'), values as never)) as Answer,
});

/** Makes the table of tokens, where it is not there yet; the same as `commitTokensSql` in a migration. */
export function createCommitTokens(knex: AnyKnex): Promise<void> {
  return create(through(knex));
}

/**
 * Deletes tokens that are older than `olderThan` ms, and notes it: about an older ticket nobody can say anything from then
 * on. Returns how many were deleted.
 * @throws {CaromError} `CAROM_INVALID_OPTION` for an age that is not a number from 60,000 ms (a minute).
 */
export function expireCommitTokens(knex: AnyKnex, olderThan: number): Promise<number> {
  return expire(through(knex), olderThan);
}
