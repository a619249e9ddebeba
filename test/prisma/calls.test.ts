/** Options per call on Prisma: `$carom(options)` is the same client, and the options reach the call they were meant for. */
import { InvalidOptionError } from '@carom/core';
import { OutcomeUnknownError, outcomeOf } from '@carom/prisma';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Prisma } from '../../prisma/generated/client.js';
import { failure, settled } from './waiting.js';
import { type Base, carom, createWorld } from './world.js';

const world = createWorld();
const data = { email: 'a@x' };
const cut = { kind: 'cut', when: 'after-answer', at: { matches: 'accounts' } } as const;

let base: Base;
beforeEach(async () => {
  base = world.base();
  await world.cluster.primary.query("INSERT INTO accounts (email) VALUES ('a@x')");
});
const open = () => base.$extends(carom());
const raise = { where: data, data: { balance: { increment: 1 } } };

describe('an operation', () => {
  const operations = {
    'of a model': (db: ReturnType<typeof open>) => db.account.update(raise),
    'by its relation': (db: ReturnType<typeof open>) => db.account.update(raise).entries(),
    'raw, tagged': (db: ReturnType<typeof open>) =>
      db.$executeRaw`UPDATE accounts SET balance = balance + 1 WHERE email = ${'a@x'}`,
    'raw, with a query': (db: ReturnType<typeof open>) =>
      db.$queryRaw(Prisma.sql`UPDATE accounts SET balance = balance + 1 RETURNING id`),
    'raw, unsafe': (db: ReturnType<typeof open>) =>
      db.$queryRawUnsafe('UPDATE accounts SET balance = balance + $1 RETURNING id', 1),
    'raw, executed unsafely': (db: ReturnType<typeof open>) =>
      db.$executeRawUnsafe('UPDATE accounts SET balance = balance + 1'),
  };
  for (const [name, operation] of Object.entries(operations)) {
    test(`${name}: declared idempotent it is played again, else it is unknown`, async () => {
      const db = open();
      await db.account.count();
      // What reads a relation as well is a transaction.
      const fault = name === 'by its relation' ? ({ ...cut, at: 'COMMIT' } as const) : cut;
      const first = world.proxy.inject(fault);
      expect(await failure(operation(db))).toBeInstanceOf(OutcomeUnknownError);
      await first.settled;
      expect(await world.value('SELECT balance FROM accounts')).toBe(1);
      const second = world.proxy.inject(fault);
      await operation(db.$carom({ idempotent: true }));
      expect(second.count).toBe(1);
      expect(await world.value('SELECT balance FROM accounts')).toBe(3);
    });
  }

  test('is as lazy as ever, runs once, and keeps its options until then', async () => {
    const db = open();
    await db.account.count();
    base.queries.length = 0;
    const update = db.$carom({ idempotent: true }).account.update(raise);
    expect(Object.prototype.toString.call(update)).toBe('[object PrismaPromise]');
    await db.account.count();
    expect(base.queries).toHaveLength(1);
    world.proxy.inject(cut);
    expect((await update).balance).toBe(2);
    expect((await update).balance).toBe(2);
    expect(await update.finally(() => {})).toMatchObject({ balance: 2 });
    expect(await world.value('SELECT balance FROM accounts')).toBe(2);
  });

  test('keeps its options to itself: what is chained to it has none', async () => {
    const db = open();
    await db.account.count();
    const work = db
      .$carom({ idempotent: true })
      .account.update(raise)
      .then(async () => {
        world.proxy.inject(cut);
        return await db.account.update(raise);
      });
    expect(await failure(work)).toBeInstanceOf(OutcomeUnknownError);
  });

  test('of an extension finds them on its `this`', async () => {
    const db = open().$extends({
      model: {
        account: {
          async raise() {
            return await (this as unknown as Base['account']).update(raise);
          },
        },
      },
      client: {
        async $raise() {
          return await (this as unknown as Base).account.update(raise);
        },
      },
    });
    await db.account.count();
    for (const work of [
      () => db.$carom({ idempotent: true }).account.raise(),
      () => db.$carom({ idempotent: true }).$raise(),
    ]) {
      const fault = world.proxy.inject(cut);
      await work();
      expect(fault.count).toBe(1);
    }
    world.proxy.inject(cut);
    expect(await failure(db.account.raise())).toBeInstanceOf(OutcomeUnknownError);
  });

  test('of another name on the way leaves them alone', async () => {
    // Its hook comes before Carom's, and uses a client that Carom plays.
    let audit: () => PromiseLike<unknown> = async () => undefined;
    const db = base
      .$extends({
        query: {
          account: {
            async update({ args, query }) {
              await audit();
              return query(args);
            },
          },
        },
      })
      .$extends(carom());
    await db.account.count();
    let seen: unknown;
    audit = async () => {
      world.proxy.inject({ ...cut, at: { matches: 'marks' } });
      seen = await failure(db.mark.create({ data: { mark: 'm' } }));
    };
    await db.$carom({ idempotent: true }).account.update(raise);
    expect(seen).toBeInstanceOf(OutcomeUnknownError);
  });

  test('of the same name on the way leaves them alone too: they are of the call, in a batch as well', async () => {
    let copy: (email: string) => PromiseLike<unknown> = async () => undefined;
    // Of another datasource, so that what was called may be played again although this one wrote.
    const elsewhere = world.base().$extends(carom({ datasource: 'elsewhere' }));
    await elsewhere.account.count();
    const db = base
      .$extends({
        query: {
          account: {
            async create({ args, query }) {
              if (args.data.email === 'b@x') await copy('copy@x');
              // As an extension of its own would hand them on.
              return query({ ...args });
            },
          },
        },
      })
      .$extends(carom());
    await db.account.count();
    let seen: unknown;
    let fault: { readonly count: number } | undefined;
    copy = async (email) => {
      // Of a batch the hook runs once per attempt.
      if (fault !== undefined) return;
      const first = world.proxy.inject(cut);
      seen = await failure(elsewhere.account.create({ data: { email } }));
      await first.settled;
      fault = world.proxy.inject({ kind: 'cut', when: 'before', at: { matches: 'accounts' } });
    };
    const declared = db.$carom({ idempotent: true });
    for (const call of [
      () => declared.account.create({ data: { email: 'b@x' } }),
      () => db.$transaction([declared.account.create({ data: { email: 'b@x' } })]),
    ]) {
      await call();
      expect(seen).toBeInstanceOf(OutcomeUnknownError);
      expect(fault?.count).toBe(1);
      fault = undefined;
      expect(await world.emails()).toEqual(['a@x', 'b@x', 'copy@x']);
      await world.cluster.primary.query("DELETE FROM accounts WHERE email <> 'a@x'");
    }
  });
});

describe('a transaction', () => {
  test('has them, and what runs beside it has not', async () => {
    const db = open();
    await db.account.count();
    let calls = 0;
    let beside: unknown;
    const fault = world.proxy.inject({ ...cut, at: 'COMMIT' });
    await db.$carom({ idempotent: true }).$transaction(async (tx) => {
      calls += 1;
      await tx.account.update(raise);
      if (calls > 1) return;
      world.proxy.inject({ ...cut, at: { matches: 'marks' } });
      beside = await failure(db.mark.create({ data: { mark: 'm' } }));
    });
    expect(calls).toBe(2);
    expect(fault.count).toBe(1);
    expect(beside).toBeInstanceOf(OutcomeUnknownError);
    expect(await world.value('SELECT balance FROM accounts')).toBe(2);
  });

  test('has them under an override that was applied later', async () => {
    let beside: unknown;
    let fault: { readonly count: number } | undefined;
    const db = open().$extends((client) => {
      const parent = client as unknown as Base & {
        $transaction(...args: unknown[]): Promise<unknown>;
      };
      const methods = {};
      Object.assign(methods, {
        async $transaction(...args: unknown[]) {
          const first = world.proxy.inject({ ...cut, at: 'COMMIT' });
          const create = parent.mark.create({ data: { mark: 'm' } });
          // A transaction of its own has none of them, and leaves them to the one that they were meant for.
          beside = await failure(parent.$transaction([create, parent.mark.count()]));
          await first.settled;
          fault = world.proxy.inject({ ...cut, at: 'COMMIT' });
          return parent.$transaction(...args);
        },
      });
      return client.$extends({ client: methods });
    });
    await db.account.count();
    const tx = db.$carom({ idempotent: true });
    await tx.$transaction([db.account.update(raise), db.account.count()]);
    expect(fault?.count).toBe(1);
    expect(beside).toBeInstanceOf(OutcomeUnknownError);
    expect(await world.value('SELECT count(*)::int FROM marks')).toBe(1);
  });

  test('a client with options serves as any other', async () => {
    const db = open().$carom({ retries: 9 });
    const [updated, total] = await db.$transaction([db.account.update(raise), db.account.count()]);
    expect([updated.balance, total]).toEqual([1, 1]);
    expect(await db.$transaction((tx) => tx.account.count())).toBe(1);
    const later = db.$extends({ model: { account: { hello: () => 'hello' } } });
    expect(later.account.hello()).toBe('hello');
    expect(await later.account.count()).toBe(1);
    expect(later.account.fields.email.name).toBe('email');
    await db.$disconnect();
    await db.$connect();
    expect(await db.account.count()).toBe(1);
  });
});

describe('the options', () => {
  test('add up, the later ones first', async () => {
    const db = open();
    world.proxy.refuse();
    const attempts: number[] = [];
    const onRetry = ({ attempt }: { attempt: number }): void => void attempts.push(attempt);
    const work = settled(db.$carom({ retries: 9, onRetry }).$carom({ retries: 2 }).account.count());
    expect(outcomeOf((await work).error)).toBe('not-executed');
    await world.proxy.accept();
    expect(attempts).toEqual([1, 2]);
  });

  test.each([
    [{ timeout: -1 }, /option `timeout` is -1; allowed: a number of milliseconds/],
    [{ nope: 1 }, /unknown option `nope`/],
    [{ cushion: false }, /unknown option `cushion`/],
    [{ idempotent: 'yes' }, /option `idempotent` is "yes"; allowed: true or false/],
  ])('that are wrong are named: %j', (options, message) => {
    const db = open();
    const call = (): unknown => db.$carom(options as never);
    expect(call).toThrow(InvalidOptionError);
    expect(call).toThrow(message);
    expect(() => db.$carom({}).$carom(options as never)).toThrow(message);
  });
});
