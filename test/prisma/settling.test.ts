/** Lost COMMITs through Prisma, in the shapes in which Prisma writes: settled below it, and told as Prisma tells. */
import {
  caromAdapter,
  commitTokensSql,
  createCommitTokens,
  expireCommitTokens,
  type OutcomeUnknownError,
  outcomeOf,
  resolveOutcome,
} from '@carom/prisma';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { failure, gate, lockMarks, settled, until, waitingForLock } from './waiting.js';
import { carom, createWorld, type Options } from './world.js';

const world = createWorld();
const data = { email: 'a@x' };
let clients: PrismaClient[] = [];

beforeEach(() => world.cluster.primary.query(commitTokensSql));
afterEach(async () => {
  for (const client of clients) await client.$disconnect();
  clients = [];
});

function base(pool: pg.PoolConfig | pg.Pool = world.config()): PrismaClient {
  const client = new PrismaClient({ adapter: caromAdapter(new PrismaPg(pool)) });
  clients.push(client);
  return client;
}

const open = (options?: Options, pool?: pg.PoolConfig | pg.Pool) =>
  base(pool).$extends(carom(options));

type Db = ReturnType<typeof open>;
type Write = (db: Db) => PromiseLike<unknown>;

const where = { email: 'u' };
const create = { email: 'u', balance: 1 };
/** A name, the balance that it leaves behind, the write, and its answer. */
const writes: readonly (readonly [string, number, Write, unknown])[] = [
  [
    'create',
    1,
    (db) => db.account.create({ data: { email: 'n' }, select: { email: true } }),
    { email: 'n' },
  ],
  [
    'update',
    2,
    (db) => db.account.update({ where, data: { balance: { increment: 1 } } }),
    { balance: 2 },
  ],
  [
    'upsert',
    7,
    (db) => db.account.upsert({ where, create, update: { balance: 7 } }),
    { balance: 7 },
  ],
  [
    'upsert of what is not there',
    1,
    (db) => db.account.upsert({ where: { email: 'n' }, create: { email: 'n' }, update: {} }),
    { email: 'n' },
  ],
  ['delete', 0, (db) => db.account.delete({ where }), { email: 'u' }],
  [
    'createMany',
    1,
    (db) => db.account.createMany({ data: [{ email: 'n' }, { email: 'o' }] }),
    { count: 2 },
  ],
  ['updateMany', 3, (db) => db.account.updateMany({ data: { balance: 3 } }), { count: 1 }],
  ['deleteMany', 0, (db) => db.account.deleteMany(), { count: 1 }],
  [
    'a nested write',
    1,
    (db) =>
      db.account.create({
        data: { email: 'n', entries: { create: { id: 'e', amount: 1 } } },
        include: { entries: true },
      }),
    { entries: [{ id: 'e' }] },
  ],
  ['$executeRaw', 2, (db) => db.$executeRaw`UPDATE accounts SET balance = balance + 1`, 1],
  [
    '$queryRaw',
    2,
    (db) => db.$queryRaw`UPDATE accounts SET balance = balance + 1 RETURNING balance`,
    [{ balance: 2 }],
  ],
  [
    'a batch of one',
    1,
    (db) => db.$transaction([db.account.create({ data: { email: 'n' } })]),
    [{ email: 'n' }],
  ],
];

describe.each(['xid', 'fence'] as const)('exactly once, commit: %s', (commit) => {
  test.each(writes)(
    '%s: its answer is that of Prisma, COMMIT cut or not',
    async (_, balance, write, answer) => {
      for (const when of ['before', 'after-answer'] as const) {
        await world.cluster.primary.query(
          "TRUNCATE accounts, entries; INSERT INTO accounts (email, balance) VALUES ('u', 1)",
        );
        const db = open({ commit, exactlyOnce: true });
        await db.account.count();
        const fault = world.proxy.inject({ kind: 'cut', when, at: 'COMMIT' });
        const result = await write(db);
        await fault.settled;
        if (typeof answer === 'number') expect(result).toBe(answer);
        else expect(result).toMatchObject(answer as object);
        const left = "SELECT coalesce(max(balance), 0)::int FROM accounts WHERE email = 'u'";
        expect(await world.value(left)).toBe(balance);
        expect(await world.value('SELECT count(*)::int FROM entries')).toBeLessThanOrEqual(1);
      }
    },
  );
});

test('what reads, and what commits by itself, is not put into a transaction', async () => {
  const db = open({ exactlyOnce: true });
  const { begins } = world.proxy.seen;
  await db.account.findMany();
  await db.$queryRaw`SELECT 1`;
  await db.$transaction([db.account.count()]);
  await db.$executeRawUnsafe('VACUUM accounts');
  expect(world.proxy.seen.begins).toBe(begins);
});

test('what breaks a constraint is the error of Prisma, and the connection goes on', async () => {
  const db = open({ exactlyOnce: true }, { ...world.config(), max: 1 });
  await db.account.create({ data });
  const { connections } = world.proxy.seen;
  const error = await failure(db.account.create({ data }));
  expect(error).toMatchObject({ code: 'P2002', meta: { modelName: 'Account' } });
  expect(outcomeOf(error)).toBe('rolled-back');
  expect(
    await failure(db.$transaction([db.account.create({ data }), db.account.count()])),
  ).toMatchObject({ code: 'P2002' });
  expect(await db.account.count()).toBe(1);
  expect(world.proxy.seen.connections).toBe(connections);
});

test('a batch is settled in its own context, whoever asked in the same turn before', async () => {
  const db = open();
  await Promise.all([1, 2, 3].map(() => db.account.count()));
  const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  const [, batch, other] = await Promise.all([
    db.account.findUnique({ where: { id: 1 } }),
    db.$transaction([db.account.create({ data }), db.account.count()]),
    db
      .$carom({ commit: 'fence' })
      .$transaction([db.account.create({ data: { email: 'b@x' } }), db.account.count()]),
  ]);
  await fault.settled;
  expect([batch[0].email, other[0].email]).toEqual(['a@x', 'b@x']);
  expect(await world.emails()).toEqual(['a@x', 'b@x']);
});

test('savepoints and isolation levels stay as they are', async () => {
  const db = open();
  await db.account.count();
  const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  const level = await db.$transaction(
    async (tx) => {
      await tx.account.create({ data });
      await failure(tx.$transaction((inner) => inner.account.create({ data })));
      await tx.$transaction((inner) => inner.account.create({ data: { email: 'b@x' } }));
      return tx.$queryRaw`SELECT current_setting('transaction_isolation') AS it`;
    },
    { isolationLevel: 'Serializable' },
  );
  await fault.settled;
  expect(level).toEqual([{ it: 'serializable' }]);
  expect(await world.emails()).toEqual(['a@x', 'b@x']);
});

test("Prisma's own timeout before COMMIT is sent is a rollback", async () => {
  const db = open({}, { ...world.config(), max: 1 });
  const inTransaction = "SELECT count(*)::int FROM pg_stat_activity WHERE state LIKE 'idle in%'";
  const work = db.$transaction(
    async (tx) => {
      await tx.account.create({ data });
      await until(async () => (await world.value(inTransaction)) === 0);
    },
    { timeout: 100 },
  );
  const error = await failure(work);
  expect(error).toMatchObject({ code: 'P2028' });
  expect(outcomeOf(error)).toBe('rolled-back');
  expect(await db.account.count()).toBe(0);
});

test('a connection that was lost with COMMIT goes to nobody else', async () => {
  const pool = new pg.Pool({ ...world.config(), max: 1 });
  const db = open({ patience: 50, retries: 0 }, pool);
  await db.account.count();
  world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  await settled(db.$transaction((tx) => tx.account.create({ data })));
  await db.account.create({ data: { email: 'b@x' } });
  expect(await world.emails()).toEqual(['a@x', 'b@x']);
  expect(pool.waitingCount).toBe(0);
  await db.$disconnect();
  await pool.end();
});

test('an aborted transaction is cancelled on the server, and known undone', async () => {
  const db = open();
  const lock = await lockMarks(world.cluster);
  const stop = new AbortController();
  const work = failure(
    db
      .$carom({ signal: stop.signal })
      .$transaction((tx) => tx.mark.create({ data: { mark: 'm' } })),
  );
  await waitingForLock(world.cluster);
  stop.abort(new Error('enough'));
  expect(await work).toBe(stop.signal.reason);
  expect(outcomeOf(stop.signal.reason)).toBe('rolled-back');
  const waiting = "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
  await until(async () => (await world.value(waiting)) === 0);
  await lock.release();
});

test('an aborted nested write is known undone, too', async () => {
  const db = open();
  const lock = await lockMarks(world.cluster);
  const stop = new AbortController();
  const tags = { create: { tag: 't' } };
  const work = failure(
    db.$carom({ signal: stop.signal }).mark.create({ data: { mark: 'm', tags } }),
  );
  await waitingForLock(world.cluster);
  stop.abort(new Error('enough'));
  expect(outcomeOf(await work)).toBe('rolled-back');
  await lock.release();
});

test('an aborted nested write that nobody answers is known undone: COMMIT was not sent', async () => {
  const db = open();
  await db.account.count();
  const stop = new AbortController();
  const fault = world.proxy.inject({ kind: 'blackHole', at: { matches: /INSERT INTO .*entries/ } });
  const nested = { ...data, entries: { create: { id: 'e', amount: 1 } } };
  const work = failure(db.$carom({ signal: stop.signal }).account.create({ data: nested }));
  await fault.fired;
  stop.abort(new Error('enough'));
  expect(await work).toBe(stop.signal.reason);
  expect(outcomeOf(stop.signal.reason)).toBe('rolled-back');
  expect(await world.emails()).toEqual([]);
});

test('a fence that is refused before COMMIT is rolled back, and the connection goes on', async () => {
  await world.cluster.primary.query('ALTER TABLE carom.commit_tokens ADD CHECK (false) NOT VALID');
  const db = open({ commit: 'fence' }, { ...world.config(), max: 1 });
  await db.account.count();
  const { connections } = world.proxy.seen;
  const uses: Write[] = [
    // Nothing rides behind a SELECT: the token is put in right before COMMIT.
    (it) => it.$transaction((tx) => tx.$queryRaw`SELECT pg_notify('x', 'y')::text`),
    (it) => it.$carom({ exactlyOnce: true }).$queryRaw`SELECT pg_notify('x', 'y')::text`,
  ];
  for (const use of uses) {
    const error = await failure(use(db));
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(await db.account.count()).toBe(0);
  }
  await world.cluster.primary.query('DROP SCHEMA carom CASCADE');
  expect(world.proxy.seen.connections).toBe(connections);
});

test('a batch whose backend is killed right before COMMIT is sent is played again', async () => {
  const db = open();
  await db.account.count();
  const probe = { matches: 'pg_current_xact_id_if_assigned' };
  const fault = world.proxy.inject({ kind: 'stall', at: probe });
  const work = settled(db.$transaction([db.account.count(), db.account.create({ data })]));
  await fault.fired;
  // The question came along with the write: for the server both are one message that has not ended.
  const kill = () => world.cluster.primary.killBackends({ state: 'active' });
  await until(async () => (await kill()) > 0);
  world.proxy.resume();
  expect((await work).error).toBeUndefined();
  expect(await world.emails()).toEqual(['a@x']);
});

test('a fence without its table says so at first use, with the SQL to make it', async () => {
  await world.cluster.primary.query('DROP SCHEMA carom CASCADE');
  const db = open({ commit: 'fence', exactlyOnce: true });
  const uses: Write[] = [
    (it) => it.$transaction((tx) => tx.account.create({ data })),
    (it) => it.$transaction([it.account.create({ data }), it.account.count()]),
    (it) => it.account.create({ data }),
  ];
  for (const use of uses) {
    const error = await failure(use(db));
    expect(error).toMatchObject({ name: 'CaromError', code: 'CAROM_FENCE_MISSING' });
    expect(error.message).toContain(commitTokensSql);
  }
  await createCommitTokens(db);
  for (const use of uses.slice(0, 1)) await use(db);
  expect(await world.emails()).toEqual(['a@x']);
  expect(await expireCommitTokens(db, 60_000)).toBe(0);
});

test('an unknown outcome is asked about later, by its ticket', async () => {
  const db = open({ patience: 50, retries: 0 });
  await db.account.count();
  const held = gate();
  const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  const work = settled(
    db.$transaction(async (tx) => {
      await tx.account.create({ data });
      world.proxy.refuse();
      held.open();
    }),
  );
  await held.passed;
  const { error } = await work;
  await fault.settled;
  await world.proxy.accept();
  const { ticket } = error as OutcomeUnknownError;
  expect(ticket).toMatchObject({ level: 'xid' });
  const fresh = new PrismaPg(world.config());
  for (const it of [db, base(), fresh]) {
    expect(await resolveOutcome(JSON.stringify(ticket), it)).toBe('committed');
  }
});

test('without caromAdapter, or with another driver, unknown says why', async () => {
  const other = new PrismaPg(world.config());
  Object.defineProperty(other, 'adapterName', { value: '@prisma/adapter-neon' });
  const foreign = new PrismaClient({ adapter: caromAdapter(other) });
  clients.push(foreign);
  for (const [client, why] of [
    [world.base() as unknown as PrismaClient, 'made without caromAdapter'],
    [foreign, '@prisma/adapter-neon'],
  ] as const) {
    const db = client.$extends(carom());
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
    const error = await failure(db.$transaction((tx) => tx.account.create({ data })));
    await fault.settled;
    expect(error).toMatchObject({ code: 'CAROM_OUTCOME_UNKNOWN', ticket: undefined });
    expect((error as OutcomeUnknownError).reason).toContain(why);
    await world.cluster.primary.query('TRUNCATE accounts, entries');
  }
});
