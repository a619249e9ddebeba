/** Carom's table of commit tokens, through a Prisma client: made, and emptied of what is old. */
import {
  createCommitTokens as create,
  expireCommitTokens as expire,
  type Queries,
} from '@carom/postgres';

/** What is used of a client, extended or not. */
export interface RawClient {
  $executeRawUnsafe(text: string, ...values: unknown[]): PromiseLike<number>;
}

const through = (prisma: RawClient): Queries => ({
  query: async (text, values = []) => ({
    rowCount: await prisma.$executeRawUnsafe(text, ...values),
  }),
});

/** Makes the table of tokens, where it is not there yet; the same as `commitTokensSql` in a migration. */
export function createCommitTokens(prisma: RawClient): Promise<void> {
  return create(through(prisma));
}

/**
 * Deletes tokens that are older than `olderThan` ms, and notes it: about an older ticket nobody can say anything from then
 * on. Returns how many were deleted.
 * @throws {CaromError} `CAROM_INVALID_OPTION` for an age that is not a number from 60,000 ms (a minute).
 */
export function expireCommitTokens(prisma: RawClient, olderThan: number): Promise<number> {
  return expire(through(prisma), olderThan);
}
