/** A single statement goes through `pg` in callbacks: what promises would have done by themselves must hold all the same. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type CaromPool, type ExecutionOptions, outcomeOf, wrapPool } from '@carom/pg';
import { type Cluster, startCluster } from '@carom/testing';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { failure } from '../contract/world.js';
import { hastyClock } from '../hasty-clock.js';

let cluster: Cluster;
const opened: CaromPool[] = [];

beforeAll(async () => {
  cluster = await startCluster();
}, 60_000);
afterEach(() => Promise.all(opened.splice(0).map((pool) => pool.end())));
afterAll(() => cluster?.stop(), 60_000);

function open(options?: ExecutionOptions, settings: pg.PoolConfig = {}): CaromPool {
  const pool = wrapPool(new pg.Pool({ ...cluster.primary.config, max: 1, ...settings }), {
    clock: hastyClock(),
    ...options,
  });
  opened.push(pool);
  return pool;
}

/** Every client is in the pool again, and the pool serves. */
async function expectWell(pool: CaromPool): Promise<void> {
  expect(pool.totalCount - pool.idleCount).toBe(0);
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
}

test.each([
  ['the server refuses', 'SELECT 1/0', '22012'],
  ['nothing can be sent', null, undefined],
] as const)('where %s the stack leads to the caller', async (_why, text, code) => {
  const pool = open();
  async function theCaller(): Promise<unknown> {
    return await pool.query(text as string);
  }
  const error = await failure(theCaller());
  expect(error).toMatchObject(code === undefined ? { name: 'TypeError' } : { code });
  expect(error.stack).toContain('theCaller');
  await expectWell(pool);
});

test('where no connection is made the stack leads to the caller', async () => {
  const pool = open({ retries: 0 }, { user: 'nobody_of_that_name' });
  async function theCaller(): Promise<unknown> {
    return await pool.query('SELECT 1');
  }
  const error = await failure(theCaller());
  expect(error).toMatchObject({ code: '28P01' });
  expect(error.stack).toContain('theCaller');
});

test('an error that cannot be written on is the very same object', async () => {
  const frozen = Object.freeze(new Error('not for the wire'));
  const hostile = {
    toPostgres() {
      throw frozen;
    },
  };
  const pool = open();
  expect(await failure(pool.query('SELECT $1::text', [hostile]))).toBe(frozen);
  await expectWell(pool);
});

test('`pg` calls back twice for a parameter that cannot be sent; the next statement is not taken for it', async () => {
  const hostile = {
    toPostgres() {
      throw new Error('not for the wire');
    },
  };
  const pool = open();
  const refused = pool.query('SELECT $1::text', [hostile]);
  const next = pool.query('SELECT 2 AS two');
  expect((await failure(refused)).message).toBe('not for the wire');
  expect((await next).rows).toEqual([{ two: 2 }]);
  await expectWell(pool);
});

test('a classification that fails hides no error, and takes no place in the pool', async () => {
  const pool = open({
    classify() {
      throw new Error('the classification failed');
    },
  });
  const error = await failure(pool.query('SELECT 1/0'));
  expect(error).toMatchObject({ code: '22012' });
  expect(outcomeOf(error)).toBe('unknown');
  await expectWell(pool);
  const inside = failure(pool.transaction((client) => client.query('SELECT 1/0')));
  expect(await inside).toMatchObject({ code: '22012' });
  await expectWell(pool);
});

test("what is the caller's runs in his async context, in the pool's queue too", async () => {
  const who = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  class Client extends pg.Client {
    override query(...args: unknown[]): never {
      if (typeof args[0] === 'string' && args[0].startsWith('SELECT')) seen.push(who.getStore());
      return (super.query as (...all: unknown[]) => unknown)(...args) as never;
    }
  }
  const judged: (string | undefined)[] = [];
  const pool = open(
    {
      classify() {
        judged.push(who.getStore());
        return undefined;
      },
    },
    { Client } as pg.PoolConfig,
  );
  const ask = (name: string, text: string) => who.run(name, () => failure(pool.query(text)));
  await Promise.all(['ada', 'grace', 'mary'].map((name) => ask(name, `SELECT 1/0 -- ${name}`)));
  expect(seen).toEqual(['ada', 'grace', 'mary']);
  // With a client that is free, too.
  await ask('lise', 'SELECT 1/0');
  expect(judged).toEqual(['ada', 'grace', 'mary', 'lise']);
});

test("the caller's own query object stays as it was, frozen or not", async () => {
  const pool = open();
  const query = Object.freeze({ name: 'one', text: 'SELECT $1::int AS one', values: [1] });
  for (const _time of [1, 2]) expect((await pool.query(query)).rows).toEqual([{ one: 1 }]);
});

test('rows come as they were asked for', async () => {
  const pool = open();
  const { rows } = await pool.query({ text: 'SELECT 1, 2', rowMode: 'array' });
  expect(rows).toEqual([[1, 2]]);
  const several = await pool.query('SELECT 1; SELECT 2');
  expect((several as unknown as readonly pg.QueryResult[]).map(({ rowCount }) => rowCount)).toEqual(
    [1, 1],
  );
});

test('`query_timeout` of `pg` ends a statement with its own error, once', async () => {
  const pool = open({ retries: 0 });
  const error = await failure(
    pool.query({ text: 'SELECT pg_sleep(60)', query_timeout: 50 } as pg.QueryConfig),
  );
  expect(error.message).toBe('Query read timeout');
  await cluster.primary.query(
    'SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE $1',
    ['SELECT pg_sleep(60)'],
  );
  await expectWell(pool);
});

test('a callback in place of a promise is called once, with the error or the result', async () => {
  const pool = open();
  const calls = (text: string): Promise<unknown[]> =>
    new Promise((resolve) => {
      pool.query(text, (error: Error | undefined, result?: pg.QueryResult) =>
        resolve([(error as { code?: string } | undefined)?.code, result?.rowCount]),
      );
    });
  expect(await calls('SELECT 1/0')).toEqual(['22012', undefined]);
  expect(await calls('SELECT 1')).toEqual([undefined, 1]);
});

test('a callback that throws is an uncaught exception, as with plain pg', async () => {
  const program = fileURLToPath(new URL('programs/throwing-callbacks.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...['--conditions=@carom/source', '--import', 'tsx', program],
      JSON.stringify(cluster.primary.config),
    ],
    { env: { ...process.env, NODE_OPTIONS: '' }, timeout: 30_000 },
  );
  expect(stdout).toBe('uncaught: query,uncaught: refused,uncaught: connect');
}, 40_000);
