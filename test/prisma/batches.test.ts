/** Batches and nested writes on Prisma: transactions without a callback, played again as a whole. */
import { OutcomeUnknownError, outcomeOf } from '@carom/prisma';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { failure, lockMarks, settled, until, waitingForLock } from './waiting.js';
import { type Base, carom, createWorld } from './world.js';

const world = createWorld();
const insert = { matches: /INSERT INTO .*accounts/ };
const data = { email: 'a@x' };

let base: Base;
const open = (options?: Parameters<typeof carom>[0]) => base.$extends(carom(options));
beforeEach(async () => {
  base = world.base();
  await world.cluster.primary.query(`
    CREATE SEQUENCE IF NOT EXISTS conflicts;
    ALTER SEQUENCE conflicts RESTART;
    CREATE OR REPLACE FUNCTION conflict_once() RETURNS int LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('conflicts') = 1 THEN RAISE 'once' USING ERRCODE = '40001'; END IF;
        RETURN 1;
      END $$`);
});

const endings = ['fin', 'rst'] as const;
const moments = ['before', 'after-server', 'after-answer'] as const;
const cuts = moments.flatMap((when) => endings.map((how) => ({ when, how })));

describe('a batch', () => {
  test('in contention is played again: the same array', async () => {
    const db = open();
    const batch = [db.account.create({ data }), db.$queryRaw`SELECT conflict_once()`] as const;
    const [created, answer] = await db.$transaction([...batch]);
    expect(created).toMatchObject(data);
    expect(answer).toEqual([{ conflict_once: 1 }]);
    expect(await world.value('SELECT last_value::int FROM conflicts')).toBe(2);
    expect(await world.emails()).toEqual(['a@x']);
  });

  test.each(cuts)('cut in a statement $when ($how) is undone, and played again', async (cut) => {
    const db = open();
    await db.account.count();
    world.proxy.inject({ kind: 'cut', at: insert, ...cut });
    await db.$transaction([db.account.create({ data }), db.account.count()]);
    expect(await world.emails()).toEqual(['a@x']);
  });

  test('whose backend is killed half-way is played again', async () => {
    const db = open();
    const lock = await lockMarks(world.cluster);
    const mark = db.mark.create({ data: { mark: 'm' } });
    const work = settled(db.$transaction([db.account.create({ data }), mark]));
    await waitingForLock(world.cluster);
    expect(await world.cluster.primary.killBackends({ state: 'active' })).toBe(1);
    await lock.release();
    expect((await work).error).toBeUndefined();
    expect(await world.emails()).toEqual(['a@x']);
    expect(await world.value('SELECT count(*)::int FROM marks')).toBe(1);
  });

  test('that only reads is played again when COMMIT is lost', async () => {
    const db = open();
    await db.account.create({ data });
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
    const batch = [db.account.count(), db.account.findMany(), db.$queryRaw`SELECT 1 AS n`] as const;
    expect(await db.$transaction([...batch])).toEqual([
      1,
      [{ id: 1, balance: 0, ...data }],
      [{ n: 1 }],
    ]);
    expect(fault.count).toBe(1);
  });

  test('of writes declared idempotent, and reads, too', async () => {
    const db = open();
    await db.account.create({ data });
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
    const set = { where: data, data: { balance: 5 } };
    const declared = db.$carom({ idempotent: true }).account.update(set);
    const [updated] = await db.$transaction([declared, db.account.count()]);
    expect(updated.balance).toBe(5);
    expect(fault.count).toBe(1);
  });

  test.each([
    ['a write that was not declared', () => open().account.create({ data: { email: 'b@x' } })],
    ['an operation of another client, which nobody sees', () => base.account.count()],
    ['a query that may write', () => open().$queryRaw`SELECT conflict_once()`],
  ])('with %s is unknown then', async (_, other) => {
    const db = open();
    await world.cluster.primary.query("SELECT nextval('conflicts')");
    const declared = db.$carom({ idempotent: true }).account.create({ data });
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
    const error = await failure(db.$transaction([declared, other()] as never));
    await fault.settled;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).toMatchObject({ phase: 'commit' });
    expect(await world.emails()).toContain('a@x');
  });

  test('takes the options of its $transaction', async () => {
    const db = open();
    const trouble = db.$queryRaw`SELECT conflict_once()`;
    const patient = db.$carom({ patience: 0 });
    const error = await failure(patient.$transaction([db.account.create({ data }), trouble]));
    expect(error).toMatchObject({ code: 'P2010' });
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(await world.emails()).toEqual([]);
  });

  test('that sends COMMIT itself is never played again', async () => {
    const db = open();
    const [create, commit] = [db.account.create({ data }), db.$executeRawUnsafe('COMMIT')];
    const trouble = db.$queryRaw`SELECT conflict_once()`;
    const error = await failure(db.$transaction([create, commit, trouble]));
    expect(outcomeOf(error)).toBe('unknown');
    expect(await world.emails()).toEqual(['a@x']);
  });

  test('runs at the isolation level asked for', async () => {
    const db = open();
    const level = db.$queryRaw`SELECT current_setting('transaction_isolation') AS it`;
    const batch = db.$transaction([level, db.account.count()], { isolationLevel: 'Serializable' });
    expect((await batch)[0]).toEqual([{ it: 'serializable' }]);
  });

  test('of nothing, and of what is none, gets what Prisma says', async () => {
    const db = open();
    expect(await db.$transaction([])).toEqual([]);
    expect(() => db.$transaction([Promise.resolve(1)] as never)).toThrow(
      'need to be Prisma Client promises',
    );
  });
});

describe('a batch of one', () => {
  test('is a statement: no BEGIN, no COMMIT', async () => {
    const db = open();
    expect(await db.$transaction([db.account.create({ data })])).toEqual([
      { id: 1, balance: 0, ...data },
    ]);
    expect(base.queries.map((it) => it.split(' ')[0])).toEqual(['INSERT']);
  });

  test.each(cuts)('that writes, cut $when ($how), is unknown', async (cut) => {
    const db = open();
    await db.account.count();
    const fault = world.proxy.inject({ kind: 'cut', at: insert, ...cut });
    const error = await failure(db.$transaction([db.account.create({ data })]));
    await fault.settled;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(await world.emails()).toEqual(cut.when === 'before' ? [] : ['a@x']);
  });

  test('that reads, or is declared idempotent, is played again', async () => {
    const db = open();
    await db.account.create({ data });
    const update = { where: data, data: { balance: 5 } };
    const declared = db.$carom({ idempotent: true }).account.update(update);
    for (const operation of [db.account.count(), declared]) {
      const cut = { kind: 'cut', when: 'after-answer', at: { matches: 'accounts' } } as const;
      const fault = world.proxy.inject(cut);
      await db.$transaction([operation as typeof declared]);
      expect(fault.count).toBe(1);
    }
  });

  test('that commits by itself is never played again', async () => {
    await world.cluster.primary.query(`
      CREATE OR REPLACE PROCEDURE commits_first() LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO accounts (email) VALUES ('a@x');
          COMMIT;
          RAISE 'as if' USING ERRCODE = '40001';
        END $$`);
    const db = open();
    const call = db.$carom({ idempotent: true }).$executeRaw`CALL commits_first()`;
    expect(outcomeOf(await failure(db.$transaction([call])))).toBe('unknown');
    expect(await world.emails()).toEqual(['a@x']);
  });
});

describe('a nested write', () => {
  const nested = { mark: 'm', tags: { create: [{ tag: 'a' }, { tag: 'b' }] } };
  const rows = () =>
    world.value('SELECT count(*)::int FROM marks JOIN tags ON mark_seq = marks.seq');

  test.each(cuts)('cut in a statement $when ($how) is undone, and played again', async (cut) => {
    const db = open();
    await db.account.count();
    world.proxy.inject({ kind: 'cut', at: { matches: /INSERT INTO .*tags/ }, ...cut });
    await db.mark.create({ data: nested });
    expect(await rows()).toBe(2);
    expect(await world.value('SELECT count(*)::int FROM marks')).toBe(1);
  });

  test('whose backend is killed half-way is played again', async () => {
    const db = open();
    const lock = await lockMarks(world.cluster);
    const work = settled(db.mark.create({ data: nested }));
    await waitingForLock(world.cluster);
    expect(await world.cluster.primary.killBackends({ state: 'active' })).toBe(1);
    await lock.release();
    expect((await work).error).toBeUndefined();
    expect(await rows()).toBe(2);
  });

  test('whose BEGIN is cut is played again', async () => {
    const db = open();
    await db.account.count();
    world.proxy.inject({ kind: 'cut', when: 'before', at: 'BEGIN', how: 'rst' });
    await db.mark.create({ data: nested });
    expect(await rows()).toBe(2);
  });

  test('in contention at COMMIT is played again', async () => {
    await world.cluster.primary.query(`
      CREATE OR REPLACE FUNCTION conflict_in_commit() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM conflict_once(); RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER conflicting AFTER INSERT ON marks DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION conflict_in_commit()`);
    try {
      await open().mark.create({ data: nested });
      expect(await rows()).toBe(2);
      await world.cluster.primary.query('ALTER SEQUENCE conflicts RESTART');
      const db = open();
      await db.$transaction([db.mark.create({ data: nested }), db.account.count()]);
      expect(await rows()).toBe(4);
    } finally {
      await world.cluster.primary.query('DROP TRIGGER conflicting ON marks');
    }
  });
});

test('what several statements and a write need, Prisma puts into one transaction', async () => {
  const db = world.base();
  const { seq } = await db.mark.create({ data: { mark: 'm' } });
  const many = Array.from({ length: 20_000 }, (_, i) => ({ mark: `${i}`, kind: 'k' }));
  const where = { seq };
  const account = { where: { email: 'u' }, create: { email: 'u' }, update: { balance: 1 } };
  const writes: Record<string, () => PromiseLike<unknown>> = {
    create: () => db.mark.create({ data: { mark: 'm' } }),
    'create, include': () => db.mark.create({ data: { mark: 'm' }, include: { tags: true } }),
    'create, nested': () => db.mark.create({ data: { mark: 'm', tags: { create: { tag: 't' } } } }),
    'create, connect': () => db.tag.create({ data: { tag: 't', owner: { connect: where } } }),
    createMany: () => db.mark.createMany({ data: many.slice(0, 2) }),
    'createMany, in chunks': () => db.mark.createMany({ data: many }),
    createManyAndReturn: () => db.mark.createManyAndReturn({ data: many.slice(0, 2) }),
    update: () => db.mark.update({ where, data: { mark: 'n' } }),
    'update, include': () =>
      db.mark.update({ where, data: { mark: 'n' }, include: { tags: true } }),
    updateMany: () => db.mark.updateMany({ data: { mark: 'n' } }),
    upsert: () => db.account.upsert(account),
    'upsert, include': () => db.account.upsert({ ...account, include: { entries: true } }),
    'delete, include': () =>
      db.account.delete({ where: { email: 'u' }, include: { entries: true } }),
    deleteMany: () => db.tag.deleteMany(),
  };
  for (const [name, write] of Object.entries(writes)) {
    db.queries.length = 0;
    await write();
    await until(async () => db.queries.length > 0);
    if (db.queries.length > 1) expect([name, db.queries.at(-1)]).toEqual([name, 'COMMIT']);
  }
});
