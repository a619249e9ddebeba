/** Hooks of later extensions run once per attempt: what they write by a client of Carom's is not undone with it, and not done twice. */
import { caromAdapter, explain, outcomeOf } from '@carom/prisma';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { failure } from './waiting.js';
import { carom, createWorld, type Options } from './world.js';

const world = createWorld();
const data = { email: 'a@x' };
let clients: PrismaClient[] = [];

beforeEach(() =>
  world.cluster.primary.query(
    `DROP SEQUENCE IF EXISTS attempts;
     CREATE SEQUENCE attempts;
     CREATE OR REPLACE FUNCTION conflict_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF nextval('attempts') = 1 THEN RAISE EXCEPTION 'as if' USING ERRCODE = '40001'; END IF;
       RETURN NEW;
     END $$;
     CREATE OR REPLACE TRIGGER conflict BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION conflict_once()`,
  ),
);
afterEach(async () => {
  for (const client of clients) await client.$disconnect();
  clients = [];
});

function open(options?: Options) {
  const client = new PrismaClient({ adapter: caromAdapter(new PrismaPg(world.config())) });
  clients.push(client);
  return client.$extends(carom(options));
}

type Db = ReturnType<typeof open>;

/** The client, with a hook that does `work` before each operation on accounts, and after it. */
const hooked = (db: Db, work: (db: Db) => PromiseLike<unknown>): Db =>
  db.$extends({
    query: {
      account: {
        async $allOperations({ args, query }) {
          await work(db);
          return query(args);
        },
      },
    },
  }) as unknown as Db;

const units: Readonly<Record<string, (db: Db) => PromiseLike<unknown>>> = {
  'a write': (db) => db.account.create({ data }),
  'a nested write': (db) =>
    db.account.create({ data: { ...data, entries: { create: { id: 'e', amount: 1 } } } }),
  'a write exactly once': (db) => db.$carom({ exactlyOnce: true }).account.create({ data }),
  'a batch': (db) => db.$transaction([db.account.create({ data }), db.mark.count()]),
  'a batch of one': (db) => db.$transaction([db.account.create({ data })]),
  'a transaction': (db) => db.$transaction((tx) => tx.account.create({ data })),
  'a read': async (db) => {
    await db.$connect();
    world.proxy.inject({ kind: 'cut', when: 'before', at: { matches: /select .*"accounts"/i } });
    return db.account.findMany();
  },
  'a read with options': (db) => units['a read']?.(db.$carom({ retries: 9 })) as Promise<unknown>,
};

describe.each(Object.keys(units))('%s', (name) => {
  const unit = units[name] as (db: Db) => PromiseLike<unknown>;

  test('is not played again where a hook has written beside it, and says so', async () => {
    const db = hooked(open(), (outer) => outer.mark.create({ data: { mark: 'audit' } }));
    const error = await failure(unit(db));
    expect(explain(error)).toMatchObject({
      attempts: 1,
      taint: expect.stringMatching(/wrote beside/),
    });
    expect(await world.value('SELECT count(*)::int FROM marks')).toBe(1);
    expect(await world.emails()).toEqual([]);
  });

  test('is played again where it has only read, or its write was declared idempotent', async () => {
    const db = hooked(open(), async (outer) => {
      await outer.mark.count();
      await outer.$carom({ idempotent: true }).mark.create({ data: { mark: 'audit' } });
    });
    await unit(db);
    expect(await world.value('SELECT count(*)::int > 1 FROM marks')).toBe(true);
  });
});

test('what was declared idempotent is played again with all that its hooks write', async () => {
  const db = hooked(open(), (outer) => outer.mark.create({ data: { mark: 'audit' } }));
  await db.$carom({ idempotent: true }).account.create({ data });
  expect(await world.value('SELECT count(*)::int FROM marks')).toBe(2);
});

test('a batch is not played again where a hook before Carom has written beside it either', async () => {
  const client = new PrismaClient({ adapter: caromAdapter(new PrismaPg(world.config())) });
  clients.push(client);
  let audit: () => PromiseLike<unknown> = async () => undefined;
  const db = client
    .$extends({
      query: {
        account: {
          async create({ args, query }) {
            await audit();
            return query(args);
          },
        },
      },
    })
    .$extends(carom());
  audit = () => db.mark.create({ data: { mark: 'audit' } });
  const error = await failure(db.$transaction([db.account.create({ data }), db.mark.count()]));
  expect(outcomeOf(error)).toBe('rolled-back');
  expect(await world.value('SELECT count(*)::int FROM marks')).toBe(1);
});

test('of an extension that is made within another one they count as well', async () => {
  const db = open();
  const later = db.$extends((client) =>
    client.$extends({
      query: {
        async $allOperations({ model, args, query }) {
          if (model !== 'Mark') await db.mark.create({ data: { mark: 'audit' } });
          return query(args);
        },
      },
    }),
  );
  await failure(later.account.create({ data }));
  expect(await world.value('SELECT count(*)::int FROM marks')).toBe(1);
});
