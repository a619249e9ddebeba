/** Operations by themselves on Prisma: what it did without Carom it still does, and each is judged for what it is. */
import { OutcomeUnknownError, outcomeOf } from '@carom/prisma';
import { beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { Prisma } from '../../prisma/generated/client.js';
import { failure, settled, until } from './waiting.js';
import { type Base, carom, createWorld } from './world.js';

const world = createWorld();
const data = { email: 'a@x' };

let base: Base;
beforeEach(() => {
  base = world.base();
});
const open = (options?: Parameters<typeof carom>[0]) => base.$extends(carom(options));

describe('what Prisma does', () => {
  test('operations of one turn are still gathered into one statement', async () => {
    const db = open();
    await db.account.createMany({ data: [1, 2, 3, 4].map((n) => ({ email: `${n}@x` })) });
    base.queries.length = 0;
    const ids = [1, 2, 3, 4];
    const found = await Promise.all(ids.map((id) => db.account.findUnique({ where: { id } })));
    expect(found.map((it) => it?.id)).toEqual(ids);
    expect(base.queries).toHaveLength(1);
    const inside = await db.$transaction((tx) =>
      Promise.all(ids.map((id) => tx.account.findUnique({ where: { id } }))),
    );
    expect(inside.map((it) => it?.id)).toEqual(ids);
    expect(base.queries).toHaveLength(3);
    // With options they keep together as well.
    const hurried = db.$carom({ idempotent: true });
    await Promise.all(ids.map((id) => hurried.account.findUnique({ where: { id } })));
    expect(base.queries).toHaveLength(4);
  });

  test('gathered operations that fail together are played again together', async () => {
    const db = open();
    await db.account.create({ data });
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: { matches: 'IN' } });
    base.queries.length = 0;
    const found = await Promise.all([1, 2].map((id) => db.account.findUnique({ where: { id } })));
    expect(found).toEqual([{ id: 1, balance: 0, ...data }, null]);
    expect(fault.count).toBe(1);
  });

  test('nothing runs until it is awaited, and then once', async () => {
    const db = open();
    const create = db.account.create({ data });
    await db.account.count();
    expect(await world.emails()).toEqual([]);
    await create;
    await create;
    expect(await world.emails()).toEqual(['a@x']);
  });

  test('relations are followed, by one operation', async () => {
    const db = open();
    await db.account.create({ data: { ...data, entries: { create: { id: 'e', amount: 7 } } } });
    const entries = await db.account.findUnique({ where: data }).entries();
    expect(entries).toEqual([{ id: 'e', accountId: 1, amount: 7 }]);
  });

  test('it connects, disconnects and connects again', async () => {
    const db = open();
    await db.$connect();
    expect(await db.account.count()).toBe(0);
    await db.$disconnect();
    expect(await db.account.count()).toBe(0);
    expect((db as { $on?: unknown }).$on).toBeUndefined();
  });

  test('aggregates, groups and counts', async () => {
    const db = open();
    await db.account.createMany({
      data: [
        { email: 'a', balance: 1 },
        { email: 'b', balance: 3 },
      ],
    });
    expect((await db.account.aggregate({ _sum: { balance: true } }))._sum.balance).toBe(4);
    expect(await db.account.groupBy({ by: ['balance'], orderBy: { balance: 'asc' } })).toHaveLength(
      2,
    );
    expect(await db.account.count({ select: { _all: true } })).toEqual({ _all: 2 });
  });
});

describe('what fails for good', () => {
  test("comes as it is: Prisma's own error, after one attempt", async () => {
    const bounced: unknown[] = [];
    const db = open({ onRetry: ({ error }) => void bounced.push(error) });
    await db.account.create({ data });
    const twice = await failure(db.account.create({ data }));
    expect(twice).toBeInstanceOf(Prisma.PrismaClientKnownRequestError);
    expect(twice).toMatchObject({ code: 'P2002', meta: { modelName: 'Account' } });
    expect(outcomeOf(twice)).toBe('rolled-back');
    const missing = await failure(db.account.delete({ where: { id: -1 } }));
    expect(missing).toMatchObject({ code: 'P2025' });
    const wrong = await failure(db.account.create({ data: { nope: 1 } as never }));
    expect(wrong).toBeInstanceOf(Prisma.PrismaClientValidationError);
    expect(outcomeOf(wrong)).toBe('not-executed');
    expect(await failure(db.$queryRaw`SELEC 1`)).toMatchObject({ code: 'P2010' });
    expect(bounced).toEqual([]);
  });
});

describe('raw SQL', () => {
  beforeEach(() => world.cluster.primary.query('CREATE SEQUENCE IF NOT EXISTS counted'));

  const reads = {
    tagged: (db: ReturnType<typeof open>) =>
      db.$queryRaw`SELECT email FROM accounts WHERE id = ${1}`,
    composed: (db: ReturnType<typeof open>) =>
      db.$queryRaw(Prisma.sql`SELECT email FROM accounts WHERE ${Prisma.sql`id = ${1}`}`),
    unsafe: (db: ReturnType<typeof open>) =>
      db.$queryRawUnsafe('SELECT email FROM accounts WHERE id = $1', 1),
  };
  for (const [name, read] of Object.entries(reads)) {
    test(`that only reads, ${name}: a lost answer is asked for again`, async () => {
      const db = open();
      await db.account.create({ data });
      const at = { matches: 'SELECT email' };
      const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at });
      expect(await read(db)).toEqual([data]);
      expect(fault.count).toBe(1);
    });
  }

  test.each([
    "INSERT INTO accounts (email) VALUES ('a@x') RETURNING id::int",
    "SELECT nextval('counted')::int",
    'SELECT email FROM accounts FOR UPDATE',
    "WITH it AS (INSERT INTO accounts (email) VALUES ('a@x') RETURNING id) SELECT id FROM it",
  ])('that may write is unknown then, though it is a query: %s', async (sql) => {
    const db = open();
    await db.account.count();
    const at = { matches: sql.slice(0, 12) };
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at });
    expect(await failure(db.$queryRawUnsafe(sql))).toBeInstanceOf(OutcomeUnknownError);
    await fault.settled;
    expect(fault.count).toBe(1);
  });

  test('of several statements is never played again', async () => {
    const db = open();
    const sql = "INSERT INTO accounts (email) VALUES ('a@x'); COMMIT; SELECT conflict()";
    await world.cluster.primary.query(`
      CREATE OR REPLACE FUNCTION conflict() RETURNS int LANGUAGE plpgsql AS
        $$ BEGIN RAISE 'as if' USING ERRCODE = '40001'; END $$`);
    const error = await failure(db.$carom({ idempotent: true }).$executeRawUnsafe(sql));
    expect(outcomeOf(error)).toBe('unknown');
    expect(await world.emails()).toEqual(['a@x']);
  });
});

test('a value that cannot be read is told as it is: the statement did run', async () => {
  const db = open();
  await world.cluster.primary.query(
    'CREATE OR REPLACE FUNCTION as_box() RETURNS box LANGUAGE sql AS $$ SELECT box(point(0,0)) $$',
  );
  const sql = "INSERT INTO accounts (email) VALUES ('a@x') RETURNING as_box()";
  const { error } = await settled(db.$queryRawUnsafe(sql));
  expect(outcomeOf(error)).toBe('unknown');
  expect(await world.emails()).toEqual(['a@x']);
});

describe('gathered operations that nobody waits for any more', () => {
  const inQuery = { matches: / IN / };
  /** Reads two accounts by one statement, each for as long as its own signal allows. */
  const readTwo = (db: ReturnType<typeof open>, signals: readonly AbortSignal[]) =>
    signals.map((signal, n) =>
      settled(db.$carom({ signal }).account.findUnique({ where: { id: n + 1 } })),
    );

  test('are broken off when the last of them has gone, on a way that is silent for ever', async () => {
    const pool = new pg.Pool(world.config('silent'));
    const db = world.base(pool).$extends(carom());
    const stops = [new AbortController(), new AbortController()];
    const fault = world.proxy.inject({ kind: 'blackHole', at: inQuery });
    const [first, second] = readTwo(
      db,
      stops.map(({ signal }) => signal),
    );
    await fault.fired;
    stops[0]?.abort(new Error('the first has gone'));
    expect((await first)?.error).toMatchObject({ message: 'the first has gone' });
    expect(pool.totalCount - pool.idleCount).toBe(1);
    stops[1]?.abort(new Error('the second, too'));
    expect((await second)?.error).toMatchObject({ message: 'the second, too' });
    await until(async () => (await world.value('SELECT 1')) === 1 && pool.totalCount === 0);
    world.proxy.cutAll('rst');
    await pool.end();
  });

  test('are answered for the one who still waits', async () => {
    const db = open();
    await db.account.create({ data });
    const stops = [new AbortController(), new AbortController()];
    const fault = world.proxy.inject({ kind: 'stall', at: inQuery });
    const [first, second] = readTwo(
      db,
      stops.map(({ signal }) => signal),
    );
    await fault.fired;
    stops[1]?.abort(new Error('gone'));
    expect((await second)?.error).toMatchObject({ message: 'gone' });
    world.proxy.resume();
    expect((await first)?.value).toMatchObject({ id: 1 });
  });
});
