/** Transaction callbacks on Prisma: what its handles, clocks and hidden COMMIT tags ask of Carom. */
import { caromAdapter, OutcomeUnknownError, outcomeOf, SilentRollbackError } from '@carom/prisma';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { failure, gate, settled, until, waitingForLock } from './waiting.js';
import { type Base, carom, createWorld } from './world.js';

const world = createWorld();
const data = { email: 'a@x' };

let base: Base;
const open = (options?: Parameters<typeof carom>[0]) => base.$extends(carom(options));
beforeEach(() => {
  base = world.base();
});

const conflict = `DO $$ BEGIN RAISE '' USING ERRCODE = '40001'; END $$`;
const probes = (): number => base.queries.filter((it) => it === 'select 1').length;
/** Resolves when no client's backend is in a transaction any more. */
const allOver = (): Promise<void> => until(async () => (await world.value(inTransaction)) === 0);
const inTransaction = `SELECT count(*)::int FROM pg_stat_activity
  WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'`;

describe('a swallowed error', () => {
  test('makes a SilentRollbackError, with the first one as its cause', async () => {
    const db = open();
    let first: unknown;
    const work = db.$transaction(async (tx) => {
      await tx.account.create({ data });
      first = await failure(tx.account.create({ data }));
      await failure(tx.account.count());
    });
    const error = await failure(work);
    expect(error).toBeInstanceOf(SilentRollbackError);
    expect(error.cause).toBe(first);
    expect(first).toMatchObject({ code: 'P2002' });
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(await world.emails()).toEqual([]);
  });

  test('that a savepoint has undone counts for nothing', async () => {
    const db = open();
    await db.$transaction(async (tx) => {
      await tx.account.create({ data });
      await failure(tx.$transaction((inner) => inner.account.create({ data })));
    });
    expect(await world.emails()).toEqual(['a@x']);
    expect(probes()).toBe(1);
  });

  test("that is none of the server's counts for nothing", async () => {
    const db = open();
    await db.$transaction(async (tx) => {
      await tx.account.create({ data });
      await failure(tx.account.create({ data: { nope: 1 } as never }));
      await failure(tx.account.update({ where: { id: -1 }, data: { balance: 1 } }));
    });
    expect(await world.emails()).toEqual(['a@x']);
  });

  test('of an operation that nobody awaited is found out too', async () => {
    const db = open();
    const [locked, free, returned] = [gate(), gate(), gate()];
    const holder = world.base().$transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(7)`;
      locked.open();
      await free.passed;
    });
    await locked.passed;
    let floating: Promise<unknown> = Promise.resolve();
    const work = db.$transaction(async (tx) => {
      await tx.account.create({ data });
      const waits = `DO $$ BEGIN PERFORM pg_advisory_xact_lock(7); RAISE 'no'; END $$`;
      floating = settled(tx.$executeRawUnsafe(waits).then((it) => it));
      await waitingForLock(world.cluster);
      returned.open();
    });
    const over = failure(work);
    await returned.passed;
    await new Promise(setImmediate);
    free.open();
    await Promise.all([holder, floating]);
    expect(await over).toBeInstanceOf(SilentRollbackError);
    expect(await world.emails()).toEqual([]);
  });

  test('nothing is asked where all went well', async () => {
    const db = open();
    await db.$transaction((tx) => tx.account.create({ data }));
    expect(probes()).toBe(0);
    expect(base.queries.map((it) => it.split(' ')[0])).toEqual(['INSERT', 'COMMIT']);
  });
});

describe('the handle', () => {
  test('of a committed transaction is void, as Prisma makes it', async () => {
    const db = open();
    const tx = await db.$transaction(async (it) => it);
    expect(await failure(tx.account.create({ data }))).toMatchObject({ code: 'P2028' });
    expect(await world.emails()).toEqual([]);
  });

  test('of an earlier attempt is void', async () => {
    const db = open();
    const handles: Pick<typeof db, 'account'>[] = [];
    await db.$transaction(async (tx) => {
      handles.push(tx);
      if (handles.length === 1)
        await tx.$executeRawUnsafe(`DO $$ BEGIN RAISE '' USING ERRCODE = '40001'; END $$`);
      await tx.account.create({ data });
    });
    expect(handles).toHaveLength(2);
    for (const { account } of handles) {
      expect(await failure(account.create({ data: { email: 'b@x' } }))).toMatchObject({
        code: 'P2028',
      });
    }
    expect(await world.emails()).toEqual(['a@x']);
  });

  test('takes nothing more while its transaction commits', async () => {
    const db = open();
    await db.account.count();
    const fault = world.proxy.inject({ kind: 'stall', at: 'COMMIT' });
    const handles: Pick<typeof db, 'account'>[] = [];
    const work = db.$transaction(async (tx) => {
      handles.push(tx);
      await tx.account.create({ data });
    });
    await fault.fired;
    // Prisma would wait for COMMIT and then say P2028.
    const late = handles[0]?.account.create({ data: { email: 'b@x' } }) ?? work;
    expect(await failure(late)).toMatchObject({ code: 'CAROM_HANDLE_SETTLED' });
    world.proxy.resume();
    await work;
    expect(await world.emails()).toEqual(['a@x']);
  });

  test('takes no options: they belong to the transaction', async () => {
    const db = open();
    const work = db.$transaction(async (tx) => {
      (tx as unknown as typeof db).$carom({ timeout: 1 });
    });
    expect(await failure(work)).toMatchObject({ code: 'CAROM_IN_TRANSACTION' });
  });

  test('a batch on it is part of the transaction, and is not played again alone', async () => {
    const db = open();
    let calls = 0;
    await db.$transaction(async (tx) => {
      calls += 1;
      const batch = [tx.account.create({ data }), tx.$queryRaw`SELECT 1`] as const;
      const trouble = tx.$executeRawUnsafe(calls === 1 ? conflict : 'SELECT 1');
      await tx.$transaction([...batch, trouble]);
    });
    expect(calls).toBe(2);
    expect(await world.emails()).toEqual(['a@x']);
  });
});

describe("Prisma's own options", () => {
  test('the isolation level is the one asked for', async () => {
    const db = open();
    const level = await db.$transaction(
      (tx) => tx.$queryRaw<{ it: string }[]>`SELECT current_setting('transaction_isolation') AS it`,
      { isolationLevel: 'RepeatableRead' },
    );
    expect(level).toEqual([{ it: 'repeatable read' }]);
  });

  test('maxWait: nothing was begun, and it is tried again', async () => {
    base = world.base({ ...world.config(), max: 1 });
    const [held, holding] = [gate(), gate()];
    const db = open({ onRetry: () => held.open() });
    const first = db.$transaction(async () => {
      holding.open();
      await held.passed;
    });
    await holding.passed;
    let calls = 0;
    await db.$transaction(
      async (tx) => {
        calls += 1;
        await tx.account.create({ data });
      },
      { maxWait: 50 },
    );
    await first;
    expect(calls).toBe(1);
    expect(await world.emails()).toEqual(['a@x']);
  });

  test('timeout: it is rolled back and not tried again', async () => {
    const db = open();
    let calls = 0;
    const work = db.$transaction(
      async (tx) => {
        calls += 1;
        await tx.account.create({ data });
        await allOver();
      },
      { timeout: 50 },
    );
    const error = await failure(work);
    expect(error).toMatchObject({ code: 'P2028', meta: { operation: 'commit' } });
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(calls).toBe(1);
    expect(await world.emails()).toEqual([]);
  });
});

describe('an abandoned attempt', () => {
  const reason = new Error('the caller went away');

  test('does not commit later, and its connection is closed at once', async () => {
    const db = open();
    const [begun, go, over] = [gate(), gate(), gate()];
    const stop = new AbortController();
    let refused: unknown;
    const work = db.$carom({ signal: stop.signal }).$transaction(async (tx) => {
      await tx.account.create({ data });
      begun.open();
      await go.passed;
      refused = await failure(tx.account.count());
      over.open();
    });
    await begun.passed;
    stop.abort(reason);
    const error = await failure(work);
    expect(error).toBe(reason);
    expect(outcomeOf(error)).toBe('rolled-back');
    // The callback is still at it, and the server has let go of what it had locked.
    await allOver();
    go.open();
    await over.passed;
    expect(refused).toMatchObject({ code: 'CAROM_HANDLE_SETTLED' });
    await db.account.count();
    expect(await world.emails()).toEqual([]);
    expect(base.queries).not.toContain('COMMIT');
  });

  test('that was not begun yet never is', async () => {
    base = world.base({ ...world.config(), max: 1 });
    const db = open();
    const [held, holding] = [gate(), gate()];
    const first = db.$transaction(async () => {
      holding.open();
      await held.passed;
    });
    await holding.passed;
    const stop = new AbortController();
    let calls = 0;
    const work = db.$carom({ signal: stop.signal }).$transaction(async () => {
      calls += 1;
    });
    stop.abort(reason);
    const error = await failure(work);
    expect(outcomeOf(error)).toBe('not-executed');
    held.open();
    await first;
    await db.account.count();
    expect(calls).toBe(0);
  });
});

test('its backend is killed in COMMIT: unknown, and the connection is nobody else\u2019s', async () => {
  base = world.base({ ...world.config(), max: 1 });
  const db = open();
  await world.cluster.primary.query(`
    CREATE OR REPLACE FUNCTION wait_in_commit() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON marks DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION wait_in_commit()`);
  try {
    const work = settled(db.$transaction((tx) => tx.mark.create({ data: { mark: 'm' } })));
    const sleeping = "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
    await until(async () => (await world.value(sleeping)) === 1);
    const next = work.then(() => db.account.create({ data }));
    await world.cluster.primary.killBackends({ state: 'active' });
    const { error } = await work;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect((error as Error).cause).toMatchObject({ cause: { originalCode: '57P01' } });
    await next;
    expect(await world.emails()).toEqual(['a@x']);
  } finally {
    await world.cluster.primary.query('DROP TRIGGER waits ON marks');
  }
});

describe.each(['guarded', 'plain'] as const)('with an isolation level (%s)', (kind) => {
  test.each(['before', 'after-server', 'after-answer'] as const)(
    'a connection that is lost while the level is set (%s) is played again',
    async (when) => {
      const plain = new PrismaPg(world.config());
      const client = new PrismaClient({ adapter: kind === 'plain' ? plain : caromAdapter(plain) });
      const db = client.$extends(carom());
      await db.account.count();
      const fault = world.proxy.inject({
        ...{ kind: 'cut', how: 'rst', when },
        at: { matches: /ISOLATION LEVEL/ },
      });
      const work = db.$transaction((tx) => tx.account.create({ data }), {
        isolationLevel: 'Serializable',
      });
      expect(await settled(work)).toMatchObject({ value: data });
      await fault.settled;
      expect(await world.emails()).toEqual(['a@x']);
      await client.$disconnect();
    },
  );
});
