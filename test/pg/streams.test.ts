import { type CaromPool, wrapPool } from '@carom/pg';
import { type Cluster, type FaultProxy, startCluster, startFaultProxy } from '@carom/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg, { type PoolClient } from 'pg';
import QueryStream from 'pg-query-stream';
import { failure } from '../contract/world.js';
import { hastyClock } from '../hasty-clock.js';

let cluster: Cluster;
let proxy: FaultProxy;
let pool: CaromPool;

beforeAll(async () => {
  cluster = await startCluster();
  proxy = await startFaultProxy(cluster.primary);
  const { host, port } = proxy;
  const plain = new pg.Pool({ ...cluster.primary.config, host, port, max: 2 });
  pool = wrapPool(plain, { clock: hastyClock(), silence: 100 });
}, 60_000);

afterAll(async () => {
  await pool?.end();
  await proxy?.close();
  await cluster?.stop();
}, 60_000);

/** Reads two thousand rows, and breaks the way after twenty. */
async function read(client: PoolClient, breakIt: () => void): Promise<number> {
  const stream = new QueryStream('SELECT generate_series(1, 2000)', [], { batchSize: 10 });
  let rows = 0;
  for await (const _row of client.query(stream)) if (++rows === 20) breakIt();
  return rows;
}

const ways = {
  'is cut': () => proxy.cutAll(),
  'falls silent': () => void proxy.inject({ kind: 'blackHole', at: 'statement' }),
};

test.each(Object.entries(ways))(
  'a stream on a client of the caller whose way %s ends with an error, in plain pg a hang',
  async (_how, breakIt) => {
    const client = await pool.connect();
    const error = await failure(read(client, breakIt));
    expect(error.message).toBe('Connection terminated unexpectedly');
    client.release(true);
  },
);

test.each(Object.entries(ways))(
  'a transaction with a stream whose way %s is played again',
  async (_how, breakIt) => {
    let calls = 0;
    const rows = await pool.transaction((client) => {
      calls += 1;
      return read(client, calls === 1 ? breakIt : () => {});
    });
    expect([calls, rows]).toEqual([2, 2_000]);
    expect(pool.totalCount - pool.idleCount).toBe(0);
  },
);
