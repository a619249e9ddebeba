/** Other extensions, before and after Carom: their hooks, methods and errors are what they were without it. */
import { caromStrategy, explain, OutcomeUnknownError, outcomeOf } from '@carom/prisma';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { readReplicas } from '@prisma/extension-read-replicas';
import { Prisma } from '../../prisma/generated/client.js';
import { failure } from './waiting.js';
import { type Base, carom, createWorld } from './world.js';

const world = createWorld();
let trail: string[] = [];
beforeEach(() => {
  trail = [];
});

/** Notes each operation that passes its hook. */
const spy = (name: string) =>
  Prisma.defineExtension({
    name,
    query: {
      $allOperations({ operation, args, query }) {
        trail.push(`${name}:${operation}`);
        return query(args);
      },
    },
    model: { $allModels: { hello: () => name } },
    client: { $hello: () => name },
  });

/** Overrides `$transaction` as Prisma's documentation of `getExtensionContext` suggests. */
const overriding = (name: string) =>
  Prisma.defineExtension((client) => {
    const parent = client as unknown as { $transaction(...args: unknown[]): Promise<unknown> };
    const methods = {};
    Object.assign(methods, {
      $transaction(this: unknown, ...args: unknown[]) {
        trail.push(`${name}:$transaction`);
        return parent.$transaction.apply(this, args);
      },
    });
    return client.$extends({ name, client: methods });
  });

/** The same as most people write it: what is called on the parent loses all hooks inside. */
const naive = Prisma.defineExtension((client) => {
  const parent = client as unknown as { $transaction(...args: unknown[]): Promise<unknown> };
  const methods = {};
  Object.assign(methods, {
    $transaction: (...args: unknown[]) => parent.$transaction(...args),
  });
  return client.$extends({ name: 'naive', client: methods });
});

/** Fails the first time that it is called, with what the server says of a deadlock. */
const onceDeadlocked = () => {
  let calls = 0;
  return {
    get calls() {
      return calls;
    },
    async in(db: { $executeRawUnsafe(sql: string): PromiseLike<unknown> }) {
      calls += 1;
      if (calls === 1) await db.$executeRawUnsafe(deadlock);
    },
  };
};
const deadlock = `SELECT set_config('a.b', (CASE WHEN true THEN (SELECT 'x' FROM raise_deadlock()) END), true)`;

beforeEach(() =>
  world.cluster.primary.query(
    `CREATE OR REPLACE FUNCTION raise_deadlock() RETURNS void LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'as if' USING ERRCODE = '40P01'; END $$`,
  ),
);

describe('hooks', () => {
  const stackings = {
    'Carom alone': () => world.base().$extends(carom()),
    'Carom, then another': () => world.base().$extends(carom()).$extends(spy('O')),
    'another, then Carom': () => world.base().$extends(spy('O')).$extends(carom()),
    'Carom, then an override of $transaction': () =>
      world.base().$extends(carom()).$extends(spy('O')).$extends(overriding('X')),
    'an override of $transaction, then Carom': () =>
      world.base().$extends(overriding('X')).$extends(spy('O')).$extends(carom()),
  } as const;

  test.each(Object.keys(stackings) as (keyof typeof stackings)[])(
    '%s: they work inside transactions too, which are played again as a whole',
    async (stacking) => {
      const db = stackings[stacking]();
      const trouble = onceDeadlocked();
      const total = await db.$transaction(async (tx) => {
        await tx.account.create({ data: { email: `${trouble.calls}@x` } });
        await trouble.in(tx);
        return tx.account.count();
      });
      expect(total).toBe(1);
      expect(trouble.calls).toBe(2);
      expect(await world.emails()).toEqual(['1@x']);
      const seen = trail.filter((it) => it.startsWith('O:'));
      const once = ['O:create', 'O:$executeRawUnsafe'];
      if (/another|override/.test(stacking)) expect(seen).toEqual([...once, 'O:create', 'O:count']);
    },
  );

  test.each(Object.keys(stackings) as (keyof typeof stackings)[])(
    '%s: batches and nested transactions work, and are played once where all is well',
    async (stacking) => {
      const db = stackings[stacking]();
      const batch = [db.account.create({ data: { email: 'a@x' } }), db.account.count()] as const;
      expect(await db.$transaction([...batch])).toEqual([expect.anything(), 1]);
      await db.$transaction(async (tx) => {
        await tx.account.create({ data: { email: 'b@x' } });
        await failure(
          tx.$transaction(async (inner) => {
            await inner.account.create({ data: { email: 'c@x' } });
            throw new Error('only this far');
          }),
        );
        await tx.$transaction((inner) => inner.account.create({ data: { email: 'd@x' } }));
      });
      expect(await world.emails()).toEqual(['a@x', 'b@x', 'd@x']);
    },
  );

  test('of extensions before Carom they run once per call, of those after it once per attempt', async () => {
    const db = world.base().$extends(spy('before')).$extends(carom()).$extends(spy('after'));
    await db.account.count();
    trail = [];
    world.proxy.inject({ kind: 'cut', when: 'before', at: { matches: 'accounts' } });
    await db.account.count();
    expect(trail).toEqual(['before:count', 'after:count', 'after:count']);
  });

  test('methods of models and clients are there, on transactions as well', async () => {
    const db = world.base().$extends(carom()).$extends(spy('O'));
    expect(db.account.hello()).toBe('O');
    expect(db.$hello()).toBe('O');
    expect(await db.$transaction(async (tx) => tx.account.hello())).toBe('O');
  });

  test('results are computed, of what was played again too', async () => {
    const db = world
      .base()
      .$extends({
        result: { account: { early: { needs: { id: true }, compute: ({ id }) => `e${id}` } } },
      })
      .$extends(carom())
      .$extends({
        result: {
          account: { late: { needs: { email: true }, compute: ({ email }) => `<${email}>` } },
        },
      });
    await db.account.create({ data: { email: 'a@x' } });
    world.proxy.inject({ kind: 'cut', when: 'before', at: { matches: 'accounts' } });
    const found = await db.account.findFirstOrThrow({ select: { early: true, late: true } });
    expect([found.early, found.late]).toEqual(['e1', '<a@x>']);
  });
});

describe('an override of $transaction that takes all hooks away', () => {
  test('before Carom: a swallowed error is still no success', async () => {
    const db = world.base().$extends(naive).$extends(carom());
    const work = db.$transaction(async (tx) => {
      await tx.account.create({ data: { email: 'a@x' } });
      await failure(tx.$executeRawUnsafe(deadlock));
    });
    expect(await failure(work)).toMatchObject({ code: 'CAROM_SILENT_ROLLBACK' });
    expect(await world.emails()).toEqual([]);
  });

  test('before Carom: what nobody saw is not taken for reading when COMMIT is lost', async () => {
    const db = world.base().$extends(naive).$extends(carom());
    await db.account.count();
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
    let calls = 0;
    const work = db.$transaction(async (tx) => {
      calls += 1;
      await tx.account.create({ data: { email: 'a@x' } });
    });
    expect(await failure(work)).toBeInstanceOf(OutcomeUnknownError);
    await fault.settled;
    expect(calls).toBe(1);
    expect(await world.emails()).toEqual(['a@x']);
  });

  test('after Carom: transactions are played again', async () => {
    const db = world.base().$extends(carom()).$extends(naive);
    const trouble = onceDeadlocked();
    await db.$transaction((tx) => trouble.in(tx));
    expect(trouble.calls).toBe(2);
  });
});

describe("an extension's own error", () => {
  const own = new Error('not allowed');
  const refusing = Prisma.defineExtension({
    query: {
      account: {
        create() {
          throw own;
        },
      },
    },
  });
  const failingAfterwards = Prisma.defineExtension({
    query: {
      account: {
        async create({ args, query }) {
          await query(args);
          throw own;
        },
      },
    },
  });
  const data = { email: 'a@x' };

  test('before the operation is sent: as it is, and nothing was done', async () => {
    const db = world.base().$extends(carom()).$extends(refusing);
    expect(await failure(db.account.create({ data }))).toBe(own);
    expect(outcomeOf(own)).toBe('not-executed');
    expect(await failure(db.$transaction([db.account.create({ data }), db.account.count()]))).toBe(
      own,
    );
    expect(outcomeOf(own)).toBe('not-executed');
  });

  test('before Carom: as it is', async () => {
    const db = world.base().$extends(refusing).$extends(carom());
    expect(await failure(db.account.create({ data }))).toBe(own);
    expect(await failure(db.$transaction([db.account.create({ data }), db.account.count()]))).toBe(
      own,
    );
    expect(outcomeOf(own)).toBe('not-executed');
  });

  test('after the operation: as it is, and it was done', async () => {
    const db = world.base().$extends(carom()).$extends(failingAfterwards);
    expect(await failure(db.account.create({ data }))).toBe(own);
    expect(outcomeOf(own)).toBe('committed');
    expect(await world.emails()).toEqual(['a@x']);
    const batch = [db.account.create({ data: { email: 'b@x' } }), db.account.count()] as const;
    expect(await failure(db.$transaction([...batch]))).toBe(own);
    expect(outcomeOf(own)).toBe('committed');
    expect(await world.emails()).toEqual(['a@x', 'b@x']);
  });

  test('a transient error of what it does afterwards does not double the operation', async () => {
    const elsewhere = world.base();
    const auditing = Prisma.defineExtension({
      query: {
        account: {
          async create({ args, query }) {
            const created = await query(args);
            await elsewhere.$executeRawUnsafe(deadlock);
            return created;
          },
        },
      },
    });
    const db = world.base().$extends(carom()).$extends(auditing);
    const error = await failure(db.account.create({ data }));
    expect(error).toMatchObject({ code: 'P2010' });
    expect(outcomeOf(error)).toBe('committed');
    expect(explain(error)?.attempts).toBe(1);
    expect(await world.emails()).toEqual(['a@x']);
  });
});

test('an extension that wraps each operation into a batch (row level security)', async () => {
  const forTenant = Prisma.defineExtension((client) => {
    const db = client as unknown as Base;
    return client.$extends({
      query: {
        $allModels: {
          async $allOperations({ args, query }) {
            const tenant = db.$executeRaw`SELECT set_config('app.tenant', 'x', true)`;
            const [, result] = await db.$transaction([tenant, query(args) as never]);
            return result;
          },
        },
      },
    });
  });
  for (const db of [
    world.base().$extends(carom()).$extends(forTenant),
    world.base().$extends(forTenant).$extends(carom()),
  ]) {
    await db.account.create({ data: { email: 'a@x' } });
    expect(await db.account.count()).toBe(1);
    await db.account.deleteMany();
  }
  // The batch holds an operation that the hook does not see: it is not taken for reading.
  const db = world.base().$extends(carom()).$extends(forTenant);
  await db.account.count();
  const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  const error = await failure(db.account.create({ data: { email: 'b@x' } }));
  await fault.settled;
  expect(error).toBeInstanceOf(OutcomeUnknownError);
  expect(await world.emails()).toEqual(['b@x']);
});

describe('read replicas', () => {
  const whoami = async (db: { $queryRaw<T>(sql: TemplateStringsArray): PromiseLike<T> }) =>
    (await db.$queryRaw<{ a: string }[]>`SELECT current_setting('application_name') AS a`)[0]?.a;

  test('after Carom: reads go to the replica and are played again, writes to the primary', async () => {
    const replica = world.base(world.config('replica'));
    const db = world
      .base(world.config('primary'))
      .$extends(carom())
      .$extends(readReplicas({ replicas: [replica] }));
    await db.account.create({ data: { email: 'a@x' } });
    expect(await whoami(db)).toBe('primary');
    expect(await whoami(db.$primary())).toBe('primary');
    expect(await db.$transaction((tx) => whoami(tx))).toBe('primary');
    await replica.account.count();
    const fault = world.proxy.inject({ kind: 'cut', when: 'before', at: { matches: 'COUNT' } });
    replica.queries.length = 0;
    expect(await db.account.count()).toBe(1);
    expect(fault.count).toBe(1);
    expect(replica.queries.length).toBeGreaterThan(0);
    await db.$disconnect();
  });

  test('before Carom: reads go past it, writes and transactions do not', async () => {
    const replica = world.base(world.config('replica'));
    const db = world
      .base(world.config('primary'))
      .$extends(readReplicas({ replicas: [replica] }))
      .$extends(caromStrategy());
    const trouble = onceDeadlocked();
    await db.$transaction((tx) => trouble.in(tx));
    expect(trouble.calls).toBe(2);
    expect(await db.account.count()).toBe(0);
    expect(replica.queries).toHaveLength(1);
  });
});
