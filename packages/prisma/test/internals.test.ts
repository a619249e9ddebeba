/** Prisma's internals, read from a real client that is not connected; inside transactions: test/prisma/internals.test.ts. */
import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { PrismaClient } from '../../../prisma/generated/client.js';
import {
  adapterOf,
  adapterSettings,
  batchIdOf,
  externalPoolOf,
  type HookParams,
  isPrismaPromise,
  isTransactionClient,
  markOf,
  markRequests,
  notPostgres,
  observe,
  type Place,
  placeOf,
  rootOf,
  transactionIdOf,
} from '../src/internals.js';
import { newClient } from './client.js';

/** A client whose hook notes where it was called, and answers in the database's place. */
function noting() {
  const places: Place[] = [];
  const client = newClient().$extends({
    query: {
      $allOperations(params) {
        places.push(placeOf(params as HookParams));
        return Promise.resolve(0);
      },
    },
  });
  return { client, places };
}

describe('the place of an operation', () => {
  test('by itself, of a model and raw', async () => {
    const { client, places } = noting();
    await client.account.count();
    await client.$queryRaw`SELECT 1`;
    expect(places).toEqual([{ kind: 'alone' }, { kind: 'alone' }]);
  });

  test('in a batch: its id and its index', async () => {
    const { client, places } = noting();
    await client.$transaction([client.account.count(), client.account.count()]);
    await client.$transaction([client.account.count()]);
    const [first, second, third] = places as { id: number; index: number }[];
    expect(places.map(({ kind }) => kind)).toEqual(['batch', 'batch', 'batch']);
    expect([first?.index, second?.index, third?.index]).toEqual([0, 1, 0]);
    expect(first?.id).toBe(second?.id);
    expect(third?.id).not.toBe(first?.id);
  });

  test.each([
    [undefined],
    [null],
    [{ transaction: null }],
    [{ transaction: 7 }],
    [{ transaction: { kind: 'itx' } }],
    [{ transaction: { kind: 'batch', id: 1 } }],
    [{ transaction: { kind: 'of another kind', id: 1, index: 0 } }],
  ])('that cannot be read is not taken for one by itself: %j', (__internalParams) => {
    expect(placeOf({ __internalParams } as unknown as HookParams)).toEqual({ kind: 'unreadable' });
  });
});

describe('a batch', () => {
  test('tells its id to the operations that it runs', async () => {
    const seen: unknown[] = [];
    const { client, places } = noting();
    const operation = new Proxy(client.account.count(), {
      get(target, property) {
        const value: unknown = Reflect.get(target, property);
        if (property !== 'requestTransaction') return value;
        return (transaction: unknown) => {
          seen.push(batchIdOf(transaction));
          return (value as (it: unknown) => unknown).call(target, transaction);
        };
      },
    });
    await client.$transaction([operation, client.account.count()]);
    expect(seen).toEqual([(places[0] as { id: number }).id]);
  });

  test('has an id only if it is one', () => {
    expect(batchIdOf({ kind: 'itx', id: 1 })).toBeUndefined();
    expect(batchIdOf(undefined)).toBeUndefined();
  });
});

test('an operation is a promise of Prisma, until it is awaited', () => {
  const { client } = noting();
  expect(isPrismaPromise(client.account.count())).toBe(true);
  expect(isPrismaPromise(client.account.count().then((it) => it))).toBe(false);
  expect(isPrismaPromise(1)).toBe(false);
});

test('a client is not the client of a transaction', () => {
  const { client } = noting();
  expect(isTransactionClient(client)).toBe(false);
  expect(transactionIdOf(client)).toBeUndefined();
  expect(isTransactionClient(undefined)).toBe(true);
});

describe('the adapter', () => {
  test('is found on the client and on what extends it, with its settings', () => {
    const settings = { host: '127.0.0.1', port: 9, database: 'shop' };
    const client = newClient(settings);
    const adapter = adapterOf(client);
    expect(adapterOf(client.$extends({}))).toBe(adapter);
    expect(adapterSettings(adapter)).toBe(settings);
    expect(externalPoolOf(adapter)).toBeUndefined();
    expect(adapterOf({})).toBeUndefined();
    expect(rootOf(client)).toBe(rootOf(client.$extends({})));
    expect(rootOf(client)).not.toBe(rootOf(newClient(settings)));
    expect(rootOf({})).toBeUndefined();
    expect(adapterSettings(undefined)).toBeUndefined();
  });

  test('tells the pool that it was given', async () => {
    const pool = new pg.Pool({ host: '127.0.0.1', port: 9 });
    expect(externalPoolOf(adapterOf(newClient(pool)))).toBe(pool);
    await pool.end();
  });
});

describe('what is not Postgres', () => {
  test('a client with a Postgres adapter is', () => {
    expect(notPostgres(newClient())).toBeUndefined();
    expect(notPostgres(newClient().$extends({}))).toBeUndefined();
  });

  test('a client of Accelerate is not', () => {
    const accelerateUrl = 'prisma://accelerate.invalid/?api_key=none';
    expect(notPostgres(new PrismaClient({ accelerateUrl }))).toBe(
      'this one connects by accelerateUrl',
    );
  });

  test.each([
    [{ _engineConfig: { adapter: { provider: 'sqlite' } } }, "this one's is for sqlite"],
    [{ _activeProvider: 'mysql' }, "this one's schema is for mysql"],
    [
      { _activeProvider: 'cockroachdb', _engineConfig: { adapter: { provider: 'postgres' } } },
      undefined,
    ],
    // What a later version may hide is not held against it.
    [{}, undefined],
  ])('%j', (client, reason) => {
    expect(notPostgres(client)).toBe(reason);
  });
});

test('what marks a request goes with it through the hooks of all extensions, and is of no other', async () => {
  const seen: unknown[] = [];
  const base = newClient();
  const client = base
    .$extends({ query: { $allOperations: ({ args, query }) => query({ ...(args as object) }) } })
    .$extends({
      query: {
        $allOperations(params) {
          seen.push(markOf(params as HookParams));
          return Promise.resolve(0);
        },
      },
    });
  const marks = [{}, undefined, {}];
  const left = [...marks];
  markRequests(client, () => left.shift());
  markRequests(base, () => ({}));
  await client.account.count();
  await client.account.count();
  await client.$executeRawUnsafe('SELECT 1');
  expect(seen).toEqual(marks);
  expect(seen[0]).toBe(marks[0]);
  expect(seen[2]).toBe(marks[2]);
  markRequests({}, () => ({}));
});

test('an operation is observed from its arguments to its answer, as often as it is passed on', () => {
  const events: string[] = [];
  const internal = {
    argsMapper: (args: unknown) => `mapped ${args}`,
    unpacker: undefined as ((data: unknown) => unknown) | undefined,
  };
  const params = { __internalParams: internal } as unknown as HookParams;
  for (const attempt of [1, 2]) {
    const onStart = () => void events.push(`start ${attempt}`);
    const onDone = () => void events.push(`done ${attempt}`);
    observe(params, { onStart, onDone });
    expect(internal.argsMapper('args')).toBe('mapped args');
    expect(internal.unpacker?.('data')).toBe('data');
  }
  expect(events).toEqual(['start 1', 'done 1', 'start 2', 'done 2']);
  observe({} as HookParams, { onStart: () => {}, onDone: () => {} });
});
