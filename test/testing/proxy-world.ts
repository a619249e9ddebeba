/** A plain client, a fault proxy and a real Postgres with one table: what the tests of the proxy play with. */
import { type Cluster, type FaultProxy, startCluster, startFaultProxy } from '@carom/testing';
import { afterAll, afterEach, beforeAll, beforeEach, jest } from '@jest/globals';
import pg from 'pg';
import { until } from './waiting.js';

/** What pg says when its server goes without a word. */
export const lost = 'Connection terminated unexpectedly';

/** The same for all tests of a file, but the proxy, which is a new one for each. */
export interface World {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;
  /** A client of the proxy, or of another address; it is closed after the test. */
  client(url?: string): pg.Client;
  connected(): Promise<pg.Client>;
  /** The ids in the table. */
  rows(): Promise<readonly string[]>;
}

/** Sets the stage for all tests of a file. */
export function world(): World {
  // Real servers, on a machine that may be busy.
  jest.setTimeout(60_000);
  let cluster: Cluster;
  let proxy: FaultProxy;
  const clients: pg.Client[] = [];

  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.primary.query('create table written (id text)');
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    proxy = await startFaultProxy(cluster.primary);
  });
  afterEach(async () => {
    await proxy.close();
    for (const client of clients.splice(0)) await client.end().catch(() => undefined);
    await cluster.primary.query('truncate written');
  });

  const client = (url: string = proxy.url): pg.Client => {
    const made = new pg.Client(url);
    made.on('error', () => undefined);
    clients.push(made);
    return made;
  };
  return {
    get cluster() {
      return cluster;
    },
    get proxy() {
      return proxy;
    },
    client,
    async connected() {
      const made = client();
      await made.connect();
      return made;
    },
    async rows() {
      const sql = 'select id from written order by id';
      return (await cluster.primary.query<{ id: string }>(sql)).rows.map(({ id }) => id);
    },
  };
}

/** Writes one row, with a parameter: in the extended protocol. */
export function write(client: pg.Client, id: string): Promise<unknown> {
  return client.query('insert into written values ($1)', [id]);
}

/** Writes one row in a transaction. */
export async function transaction(
  client: pg.Client,
  id: string,
  commit: string = 'COMMIT',
): Promise<void> {
  await client.query('BEGIN');
  await write(client, id);
  await client.query(commit);
}

/** Holds a lock that every write waits for. */
export async function lockTable({ cluster, client }: World): Promise<{
  readonly someoneWaits: () => Promise<void>;
  readonly release: () => Promise<unknown>;
}> {
  const holder = client(cluster.primary.url);
  await holder.connect();
  await holder.query('begin; lock table written');
  const waiting = "select from pg_stat_activity where wait_event_type = 'Lock'";
  return {
    someoneWaits: () => until(async () => (await cluster.primary.query(waiting)).rows.length > 0),
    release: () => holder.query('commit'),
  };
}
