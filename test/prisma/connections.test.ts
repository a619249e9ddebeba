/** The connections of a Prisma client: bad ones are thrown away, and none of them ends the process. */
import { Cushion, isCaromError } from '@carom/core';
import { OutcomeUnknownError, outcomeOf } from '@carom/prisma';
import { describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { failure, gate, lockMarks, settled, until, waitingForLock } from './waiting.js';
import { backendOf, carom, createWorld } from './world.js';

const world = createWorld();
const data = { email: 'a@x' };
/** Long enough for whatever is not on its way to the server to come as far as it gets. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

const insert = { matches: /INSERT INTO .*accounts/ };

describe('a failover', () => {
  /** Fills a pool with connections to a server that takes no writes, which it does again from then on. */
  async function staleConnections(db: {
    account: { count(): PromiseLike<number> };
  }): Promise<void> {
    const { primary } = world.cluster;
    await primary.query('ALTER DATABASE postgres SET default_transaction_read_only = on');
    await Promise.all([1, 2, 3, 4].map(() => db.account.count()));
    await primary.query(
      'BEGIN READ WRITE; ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT',
    );
  }

  test.each(['an operation', 'a batch', 'a transaction'])(
    'is felt by one attempt of %s: all idle connections are thrown away',
    async (kind) => {
      const verdicts: unknown[] = [];
      const onRetry = ({ verdict }: { verdict: { code?: string } }): void =>
        void verdicts.push(verdict.code);
      const db = world.base().$extends(carom({ onRetry }));
      await staleConnections(db);
      if (kind === 'an operation') await db.account.create({ data });
      if (kind === 'a batch')
        await db.$transaction([db.account.create({ data }), db.account.count()]);
      if (kind === 'a transaction') await db.$transaction((tx) => tx.account.create({ data }));
      expect(verdicts).toEqual(['25006']);
      expect(await world.emails()).toEqual(['a@x']);
    },
  );

  test('after $disconnect and a new pool, too', async () => {
    const db = world.base().$extends(carom());
    await db.account.count();
    await db.$disconnect();
    await staleConnections(db);
    await db.account.create({ data });
    expect(await world.emails()).toEqual(['a@x']);
  });
});

describe('a pool that the caller made', () => {
  test('is listened to, so that idle connections may die at any time', async () => {
    const pool = new pg.Pool({ ...world.config('mine'), idleTimeoutMillis: 0 });
    const db = world.base(pool).$extends(carom());
    expect(pool.listenerCount('error')).toBe(1);
    (await pool.connect()).release();
    await world.cluster.primary.killBackends({ applicationName: 'mine' });
    await until(async () => (await world.value('SELECT 1')) === 1 && pool.totalCount === 0);
    await db.account.count();
    await db.$disconnect();
    expect(pool.listenerCount('error')).toBe(1);
    expect(pool.totalCount).toBe(1);
    await world.cluster.primary.killBackends({ applicationName: 'mine' });
    await until(async () => (await world.value('SELECT 1')) === 1 && pool.totalCount === 0);
    await pool.end();
  });

  test('is watched, and stays what it was', async () => {
    const pool = new pg.Pool(world.config());
    const { connect, query } = pool;
    const db = world.base(pool).$extends(carom());
    await db.account.count();
    expect([pool.connect, pool.query]).toEqual([connect, query]);
    expect(Object.hasOwn(pool, 'connect')).toBe(false);
    world.proxy.inject({ kind: 'cut', when: 'before', at: { matches: 'BEGIN' }, how: 'rst' });
    await db.$transaction([db.account.create({ data }), db.account.count()]);
    expect(await world.emails()).toEqual(['a@x']);
    await pool.end();
  });

  test('serves two clients, extended one after the other', async () => {
    const pool = new pg.Pool(world.config());
    const listeners = (): number => pool.listenerCount('release') + pool.listenerCount('acquire');
    const one = world.base(pool).$extends(carom());
    await one.account.create({ data });
    const before = listeners();
    const two = world.base(pool).$extends(carom());
    await Promise.all([one.account.count(), two.account.count()]);
    expect([before > 0, listeners()]).toEqual([true, before]);
    await pool.end();
  });
});

describe('a write', () => {
  test('that found no way to the server was not executed, and is played again', async () => {
    const db = world.base().$extends(carom());
    const fault = world.proxy.inject({
      kind: 'cut',
      when: 'before',
      at: 'connect',
      how: 'rst',
      times: 2,
    });
    await db.account.create({ data });
    expect(fault.count).toBe(2);
    expect(await world.emails()).toEqual(['a@x']);
  });

  test('whose clock ran out while it waited for a connection was not executed', async () => {
    const db = world.base({ ...world.config(), max: 1 }).$extends(carom());
    const [held, holding] = [gate(), gate()];
    const first = db.$transaction(async () => {
      holding.open();
      await held.passed;
    });
    await holding.passed;
    const stop = new AbortController();
    const work = settled(db.$carom({ signal: stop.signal }).account.create({ data }));
    // Its turn comes, and it stands in the queue of the pool.
    await new Promise(setImmediate);
    stop.abort(new Error('too long'));
    const { error } = await work;
    expect(error).toBe(stop.signal.reason);
    expect(outcomeOf(error)).toBe('not-executed');
    held.open();
    await first;
    expect(await db.account.count()).toBe(0);
  });

  test('whose clock ran out under way is unknown, and its connection is closed', async () => {
    const db = world.base().$extends(carom());
    const before = await backendOf(db);
    const stop = new AbortController();
    const fault = world.proxy.inject({ kind: 'blackHole', at: insert });
    const work = settled(db.$carom({ signal: stop.signal }).account.create({ data }));
    await fault.fired;
    stop.abort(new Error('too long'));
    const { error } = await work;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect((error as Error).cause).toBe(stop.signal.reason);
    expect(await backendOf(db)).not.toBe(before);
  });

  test('whose connection went bad is the last one on it', async () => {
    const db = world.base({ ...world.config(), max: 1 }).$extends(carom());
    const before = await backendOf(db);
    world.proxy.inject({ kind: 'cut', when: 'after-answer', at: insert, how: 'rst' });
    expect(await failure(db.account.create({ data }))).toBeInstanceOf(OutcomeUnknownError);
    await db.account.create({ data: { email: 'b@x' } });
    expect(await backendOf(db)).not.toBe(before);
    expect(await world.emails()).toEqual(['a@x', 'b@x']);
  });
});

describe('reads of one turn, which are one statement', () => {
  test.each([
    ['wait as long as the pool does', {}],
    ['have a patience of their own', { connectPatience: 60_000 }],
  ])('that %s are all called back when the circuit opens', async (_, options) => {
    const cushion = new Cushion('accounts', { whenOpen: 'park' });
    const db = world
      .base({ ...world.config(), max: 1 })
      .$extends(carom({ cushion, retries: 0, patience: 60_000, ...options }));
    const [held, holding] = [gate(), gate()];
    const first = db.$transaction(async () => {
      holding.open();
      await held.passed;
    });
    await holding.passed;
    const ids = [1, 2, 3, 4, 5];
    const work = settled(Promise.all(ids.map((id) => db.account.findUnique({ where: { id } }))));
    await turns(20);
    for (let nth = 0; nth < 10; nth++) cushion.circuit.fail(cushion.circuit.enter());
    await turns(20);
    expect(cushion.parked).toBe(5);
    cushion.close();
    held.open();
    await first;
    expect(await work).toEqual({ value: [null, null, null, null, null] });
  });

  test('that find the pool busy hear each of Carom’s own error', async () => {
    const db = world
      .base({ ...world.config(), max: 1 })
      .$extends(carom({ retries: 0, patience: 0 }));
    const [held, holding] = [gate(), gate()];
    const first = db.$transaction(async () => {
      holding.open();
      await held.passed;
    });
    await holding.passed;
    const hurried = db.$carom({ connectPatience: 20 });
    const errors = await Promise.all(
      [1, 2, 3].map((id) => failure(hurried.account.findUnique({ where: { id } }))),
    );
    expect(errors.map((error) => [isCaromError(error), error.code, outcomeOf(error)])).toEqual(
      Array.from({ length: 3 }, () => [true, 'CAROM_POOL_TIMEOUT', 'not-executed']),
    );
    held.open();
    await first;
  });
});

test('a connection that a cancel request is still on its way to is not put back', async () => {
  const pool = new pg.Pool({ ...world.config(), max: 1 });
  const db = world.base(pool).$extends(carom());
  const before = await backendOf(db);
  const lock = await lockMarks(world.cluster);
  const stop = new AbortController();
  const work = settled(db.$carom({ signal: stop.signal }).mark.create({ data: { mark: 'm' } }));
  await waitingForLock(world.cluster);
  const next = pool.connect();
  const late = world.proxy.inject({ kind: 'stall', at: 'cancel' });
  stop.abort(new Error('too long'));
  await late.fired;
  // The statement is done before the request is there.
  await lock.release();
  expect((await work).error).toBeUndefined();
  const client = await next;
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  expect(rows[0]?.pid).not.toBe(before);
  world.proxy.resume();
  client.release();
  await pool.end();
});

test('an abandoned attempt takes no connection of anybody else with it', async () => {
  const db = world.base().$extends(carom());
  await Promise.all([1, 2, 3, 4].map(() => db.account.count()));
  const stop = new AbortController();
  // Prisma gathers what comes in one turn: the first one's context is that of all.
  const hurried = db.$carom({ signal: stop.signal });
  const fault = world.proxy.inject({ kind: 'stall', at: insert });
  const where = { id: 1 };
  const work = Promise.all([
    settled(hurried.account.findUnique({ where })),
    settled(hurried.$transaction([hurried.account.count(), hurried.mark.count()])),
    settled(db.$transaction([db.account.create({ data }), db.account.count()])),
    settled(db.mark.findUnique({ where: { seq: 1 } })),
  ]);
  await fault.fired;
  stop.abort(new Error('too long'));
  world.proxy.resume();
  const [, , batch, found] = await work;
  expect([batch.error, found.error]).toEqual([undefined, undefined]);
  expect(await world.emails()).toEqual(['a@x']);
});

test('a client that was used before it was extended is played unwatched: unknown where nobody saw', async () => {
  const base = world.base();
  await base.account.count();
  const db = base.$extends(carom());
  await db.account.count();
  const fault = world.proxy.inject({ kind: 'cut', when: 'before', at: insert });
  const nested = { ...data, entries: { create: { id: 'e', amount: 1 } } };
  expect(await failure(db.account.create({ data: nested }))).toBeInstanceOf(OutcomeUnknownError);
  await fault.settled;
  const read = world.proxy.inject({ kind: 'cut', when: 'before', at: { matches: 'COUNT' } });
  expect(await db.account.count()).toBe(0);
  expect(read.count).toBe(1);
});

test('clients of one database share a cushion', async () => {
  const config = { ...world.config(), host: '127.0.0.1', port: 9, database: 'shared' };
  const cushion = { failures: 1, lastCalls: 1, whenOpen: 'reject' } as const;
  const open = () =>
    new PrismaClient({ adapter: new PrismaPg(config) }).$extends(
      carom({ cushion, retries: 0, clock: undefined }),
    );
  const [one, two] = [open(), open()];
  expect(await failure(one.account.count())).toMatchObject({ code: 'P1001' });
  expect(await failure(two.account.count())).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
  for (const client of [one, two]) await client.$disconnect();
});
