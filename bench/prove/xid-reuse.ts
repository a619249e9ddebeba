/** Ids used again: after a crash the server gives the ids of lost transactions to others, which commit. */
import type { Server } from '@carom/testing';
import pg from 'pg';

/** Ids of transactions under way, by the name of the connection. */
export async function xidsInUse(server: Server): Promise<ReadonlyMap<string, number>> {
  const { rows } = await server.query<{ name: string; xid: string }>(
    `SELECT application_name AS name, backend_xid::text AS xid FROM pg_stat_activity
     WHERE backend_xid IS NOT NULL AND backend_type = 'client backend'`,
  );
  return new Map(rows.map(({ name, xid }) => [name, Number(xid)]));
}

/** Commits transactions until all of `xids` are used; gives the names whose id now belongs to another that committed. */
export async function xidsUsedAgain(
  server: Server,
  xids: ReadonlyMap<string, number>,
): Promise<ReadonlySet<string>> {
  const client = new pg.Client({ ...server.config, application_name: 'carom-testing' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('SET synchronous_commit = local');
    const last = Math.max(0, ...xids.values());
    const mine = new Set<number>();
    for (let latest = 0; latest < last; ) {
      const { rows } = await client.query<{ xid: string }>(
        'SELECT pg_current_xact_id()::text AS xid',
      );
      latest = Number(rows[0]?.xid);
      mine.add(latest);
    }
    return new Set([...xids].filter(([, xid]) => mine.has(xid)).map(([name]) => name));
  } finally {
    await client.end();
  }
}
