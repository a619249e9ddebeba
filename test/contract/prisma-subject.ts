/** The contract's operations in the idiom of Prisma. */
import { caromAdapter, caromStrategy } from '@carom/prisma';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { PrismaClient } from '../../prisma/generated/client.js';
import { slotsOfPg } from './slots.js';
import type { Adapter, Subject, Tx } from './subject.js';

const extended = (client: PrismaClient, options: Parameters<typeof caromStrategy>[0]) =>
  client.$extends(caromStrategy(options));

type Client = ReturnType<typeof extended>;
type Operating = Pick<Client, 'mark' | 'counter' | '$executeRawUnsafe'>;

const operations = (db: Operating): Tx => ({
  mark: async (id) => await db.mark.create({ data: { mark: id } }),
  count: async (id) => await db.mark.count({ where: { mark: id } }),
  bump: async (counter) =>
    await db.counter.update({ where: { id: counter }, data: { value: { increment: 1 } } }),
  raw: async (sql) => await db.$executeRawUnsafe(sql),
});

const subject = (db: Client, pool: () => pg.Pool, again: () => Client): Subject => ({
  pool: () => slotsOfPg(pool()),
  ...operations(db),
  lazyMark: (id) => db.mark.create({ data: { mark: id } }),
  find: async (counter) => await db.counter.findUnique({ where: { id: counter } }),
  transaction: (work, { serializable } = {}) =>
    db.$transaction(
      (tx) => work(operations(tx)),
      serializable ? { isolationLevel: 'Serializable' } : undefined,
    ),
  batch: (ids) => db.$transaction(ids.map((mark) => db.mark.create({ data: { mark } }))),
  nested: async (id) =>
    await db.mark.create({ data: { mark: id, tags: { create: [{ tag: id }, { tag: id }] } } }),
  with: (options) => subject(db.$carom(options) as Client, pool, again),
  again: () => subject(again(), pool, again),
  close: () => db.$disconnect(),
});

export const prismaAdapter: Adapter = {
  name: 'prisma',
  declaresReadOnly: false,
  hasUnits: true,
  settles: true,
  plain: (config) => {
    const bare = new PrismaClient({ adapter: new PrismaPg({ ...config, max: 4 }) });
    // All of the extended one that is used here.
    const client = bare as unknown as Client;
    return {
      ...operations(client),
      transaction: (work) => client.$transaction((tx) => work(operations(tx))),
      close: () => client.$disconnect(),
    };
  },
  replica: (config) => {
    const client = new PrismaClient({ adapter: new PrismaPg({ ...config }) });
    return { client, close: () => client.$disconnect() };
  },
  open: (config, options, { max = 4, unlimited = false } = {}) => {
    const limit = unlimited ? {} : { connectionTimeoutMillis: 5_000 };
    const adapter = new PrismaPg({ ...config, ...limit, max, idleTimeoutMillis: 60_000 });
    const { connect } = adapter;
    let pool: pg.Pool | undefined;
    adapter.connect = async () => {
      const connected = await connect.call(adapter);
      pool = connected.underlyingDriver();
      return connected;
    };
    const client = new PrismaClient({ adapter: caromAdapter(adapter) });
    const again = () => extended(client, options);
    return subject(again(), () => pool as pg.Pool, again);
  },
};
