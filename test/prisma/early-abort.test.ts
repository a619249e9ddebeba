/** Attempts that are given up before Prisma's engine has come to take a connection: nothing was sent, and nothing will be. */
import { caromAdapter, outcomeOf } from '@carom/prisma';
import { afterEach, describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { failure, gate } from './waiting.js';
import { carom, createWorld } from './world.js';

const world = createWorld();
const data = { email: 'a@x' };
let clients: PrismaClient[] = [];
let starts: (() => void)[] = [];

afterEach(async () => {
  for (const start of starts) start();
  starts = [];
  for (const client of clients) await client.$disconnect();
  clients = [];
});

/** A client whose engine has not started yet: it waits for its adapter until `start` is called. */
function fresh() {
  const [asked, started] = [gate(), gate()];
  class Slow extends PrismaPg {
    override async connect(): ReturnType<PrismaPg['connect']> {
      asked.open();
      await started.passed;
      return await super.connect();
    }
  }
  const client = new PrismaClient({ adapter: caromAdapter(new Slow(world.config())) });
  clients.push(client);
  starts.push(started.open);
  return { db: client.$extends(carom({ exactlyOnce: true })), asked, start: started.open };
}

type Db = ReturnType<typeof fresh>['db'];

const entries = { create: { id: 'e', amount: 1 } };
const writes: readonly (readonly [string, (db: Db) => PromiseLike<unknown>])[] = [
  ['a write exactly once', (db) => db.account.create({ data })],
  ['a raw write exactly once', (db) => db.$executeRaw`INSERT INTO accounts (email) VALUES ('a@x')`],
  ['a write', (db) => db.$carom({ exactlyOnce: false }).account.create({ data })],
  ['a batch', (db) => db.$transaction([db.account.create({ data }), db.account.count()])],
  ['a batch of one', (db) => db.$transaction([db.account.create({ data })])],
  ['a nested write', (db) => db.account.create({ data: { ...data, entries } })],
  ['a transaction', (db) => db.$transaction((tx) => tx.account.create({ data }))],
];

describe('given up before the engine has taken a connection', () => {
  test.each(writes)('%s was not executed, and never is', async (_, write) => {
    const { db, asked, start } = fresh();
    const stop = new AbortController();
    const work = failure(write(db.$carom({ signal: stop.signal }) as Db));
    await asked.passed;
    stop.abort(new Error('enough'));
    expect(await work).toBe(stop.signal.reason);
    expect(outcomeOf(stop.signal.reason)).toMatch(/^(?:not-executed|rolled-back)$/);
    start();
    expect(await db.account.count()).toBe(0);
    // Whatever was on its way has been sent by now, and is waited for.
    await world.cluster.primary.query('BEGIN; LOCK TABLE accounts IN SHARE MODE; COMMIT');
    expect(await world.emails()).toEqual([]);
  });
});
