/** Mending of streams that the caller sends on a client: plain, one whose connection is lost hangs for ever. */
import { isCursorStream, type MendableClient, mendStream } from '@carom/postgres';
import type { PoolClient } from 'pg';

/** Mends `query` where it is a `pg-query-stream`, before it is sent. */
export function mend(query: unknown, client: PoolClient): void {
  if (isCursorStream(query)) mendStream(query, client as MendableClient);
}
