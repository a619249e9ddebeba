/** Locks of whole tables, held in sessions of their own beside the proxy; none outlives its test. */
import type { Cluster } from '@carom/testing';
import pg from 'pg';

const held = new Set<pg.Client>();

/** Locks the table of marks against everybody. */
export async function openLock({
  cluster,
}: {
  readonly cluster: Cluster;
}): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({
    ...cluster.primary.config,
    application_name: 'carom-testing',
  });
  await client.connect();
  held.add(client);
  await client.query('BEGIN; LOCK TABLE marks IN ACCESS EXCLUSIVE MODE');
  return { release: () => release(client) };
}

/** Releases what a test that failed has left: all others would wait for it. */
export async function releaseLocks(): Promise<void> {
  await Promise.all([...held].map(release));
}

async function release(client: pg.Client): Promise<void> {
  held.delete(client);
  await client.query('ROLLBACK');
  await client.end();
}
