/** What `pg` gives to code inside a transaction: callbacks, submittables, and a client that outlives its attempt. */
import { type CaromPool, type ExecutionOptions, explain, wrapPool } from '@carom/pg';
import { type Cluster, startCluster } from '@carom/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import pg, { type PoolClient } from 'pg';
import QueryStream from 'pg-query-stream';
import { failure, settled } from '../contract/world.js';
import { hastyClock } from '../hasty-clock.js';

let cluster: Cluster;
const opened: CaromPool[] = [];

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.primary.query('CREATE TABLE marks (mark text)');
}, 60_000);
beforeEach(() => cluster.primary.query('TRUNCATE marks'));
afterEach(() => Promise.all(opened.splice(0).map((pool) => pool.end())));
afterAll(() => cluster?.stop(), 60_000);

function open(options?: ExecutionOptions): CaromPool {
  const pool = new pg.Pool({ ...cluster.primary.config, max: 2 });
  opened.push(wrapPool(pool, { clock: hastyClock(), ...options }));
  return opened.at(-1) as CaromPool;
}

const marks = async (): Promise<number> =>
  (await cluster.primary.query('SELECT mark FROM marks')).rows.length;

const conflict = "DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$";
const insert = "INSERT INTO marks (mark) VALUES ('beside')";

test.each<[string, (pool: CaromPool, client: PoolClient) => Promise<unknown>]>([
  [
    'from the callback of a query',
    (pool, client) =>
      new Promise((done, fail) => {
        client.query('SELECT 1', () => void pool.query(insert).then(done, fail));
      }),
  ],
  ['by a submittable', (pool) => submitted(pool, insert)],
])('a write beside the transaction, %s, is not done twice', async (_how, write) => {
  const pool = open();
  let calls = 0;
  const error = await failure(
    pool.transaction(async (client) => {
      calls += 1;
      await write(pool, client);
      if (calls === 1) await client.query(conflict);
    }),
  );
  expect(explain(error)?.taint).toMatch(/beside the transaction's own handle/);
  expect([calls, await marks()]).toEqual([1, 1]);
});

test('a read beside it by a submittable keeps nothing from being played again', async () => {
  const pool = open();
  let calls = 0;
  await pool.transaction(async (client) => {
    calls += 1;
    await submitted(pool, 'SELECT 1');
    if (calls === 1) await client.query(conflict);
  });
  expect(calls).toBe(2);
});

/** A query of `pg`'s own make. */
function submitted(pool: CaromPool, text: string): Promise<unknown> {
  return new Promise((done, fail) => {
    const query = new pg.Query(text);
    query.on('end', done);
    query.on('error', fail);
    pool.query(query);
  });
}

test('what is left over of an attempt is refused in the form in which it asks', async () => {
  const pool = open();
  let kept: PoolClient | undefined;
  await pool.transaction(async (client) => {
    kept = client;
  });
  const client = kept as PoolClient;
  const settledCode = { code: 'CAROM_HANDLE_SETTLED' };
  expect(await failure(client.query('SELECT 1'))).toMatchObject(settledCode);
  expect(await new Promise((done) => client.query('SELECT 1', done))).toMatchObject(settledCode);
  // A promise would be nobody's, and its rejection the end of the process.
  expect(() => client.query(new QueryStream('SELECT 1'))).toThrow(
    expect.objectContaining(settledCode),
  );
});

test('statements of a branch that goes on after its transaction has failed are not done', async () => {
  const pool = open();
  let goOn: () => void = () => {};
  const gone = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  let branch: Promise<unknown> | undefined;
  const work = pool.transaction(async (client) => {
    branch = settled(gone.then(() => client.query(insert)));
    // In the turn in which the callback fails, before ROLLBACK is answered.
    queueMicrotask(goOn);
    throw new Error('no');
  });
  expect(await failure(work)).toMatchObject({ message: 'no' });
  expect(await branch).toMatchObject({ error: { code: 'CAROM_HANDLE_SETTLED' } });
  expect(await marks()).toBe(0);
});

test.each([insert, `BEGIN; ${insert}; COMMIT`])(
  'a write on a client that was taken before the transaction is beside it too: %s',
  async (write) => {
    const pool = open();
    const other = await pool.connect();
    let calls = 0;
    const work = settled(
      pool.transaction(async (client) => {
        calls += 1;
        await other.query('BEGIN');
        await other.query('SELECT 1');
        await other.query('ROLLBACK');
        if (calls === 1) await client.query(conflict);
        await other.query(write);
        await client.query(conflict);
      }),
    );
    const { error } = await work;
    other.release();
    expect(explain(error)?.taint).toMatch(/beside the transaction's own handle/);
    // Played again after the read, and not after the write.
    expect([calls, await marks()]).toEqual([2, 1]);
  },
);

test.each<[string, (pool: CaromPool) => Promise<unknown>]>([
  [
    'a client',
    async (pool) => {
      const client = await pool.connect();
      await client.query(insert);
      client.release();
    },
  ],
  ['a submittable', (pool) => submitted(pool, insert)],
])(
  '%s of a pool that was declared idempotent keeps nothing from being played again',
  async (_what, write) => {
    const pool = open();
    let calls = 0;
    await pool.transaction(async (client) => {
      calls += 1;
      await write(pool.carom({ idempotent: true }));
      if (calls === 1) await client.query(conflict);
    });
    expect([calls, await marks()]).toEqual([2, 2]);
  },
);

test.each(['xid', 'none'] as const)(
  'a query and a release of the caller’s own, as the guide of node-postgres has them, are called, and pile up nothing (commit: %s)',
  async (commit) => {
    const pool = open({ commit });
    let called = 0;
    for (let n = 0; n < 20; n++) {
      const client = await pool.connect();
      const { query, release } = client;
      client.query = ((...args: never[]) => {
        called += 1;
        return (query as (...args: never[]) => unknown).apply(client, args);
      }) as never;
      client.release = () => {
        client.query = query;
        client.release = release;
        return release.apply(client);
      };
      await client.query('SELECT 1');
      client.release();
    }
    expect(called).toBe(20);
    const client = await pool.connect();
    // Its own, and nobody's around it.
    expect(
      client.query ===
        (await pool.connect().then((other) => {
          other.release();
          return other.query;
        })),
    ).toBe(commit === 'none');
    client.release();
  },
);

test('without a guard a client is the client itself', async () => {
  const pool = open({ commit: 'none' });
  const client = await pool.connect();
  expect(client.constructor).toBe(pg.Client);
  client.release();
});

test('a callback that hears of an error may call done all the same', async () => {
  const pool = wrapPool(new pg.Pool({ ...cluster.primary.config, user: 'nobody_of_that_name' }), {
    clock: hastyClock(),
    retries: 0,
  });
  const [error, client, done] = await new Promise<unknown[]>((resolve) =>
    pool.connect((...args: unknown[]) => resolve(args)),
  );
  expect([(error as { code: string }).code, client, typeof done]).toEqual([
    '28P01',
    undefined,
    'function',
  ]);
  await pool.end();
});
