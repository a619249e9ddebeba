/** The outages on Prisma: model calls, and a transaction with a callback. */
import { caromAdapter, caromStrategy } from '@carom/prisma';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../../prisma/generated/client.js';
import { type Client, type ClientSettings, connectTimeout, poolOf } from './client.js';
import { listenersOf, slotsOf } from './pools.js';

export function prismaClient(settings: ClientSettings): Client {
  const { carom } = settings;
  const pool = poolOf(settings);
  const adapter = new PrismaPg(pool, { disposeExternalPool: true });
  const bare = new PrismaClient({
    adapter: carom === undefined ? adapter : caromAdapter(adapter),
    // As long as a connection may take, or this bound would come first.
    transactionOptions: { maxWait: connectTimeout, timeout: 30_000 },
  });
  // An extended client has all that the bare one has but `$on`, which nobody here asks for.
  const db =
    carom === undefined ? bare : (bare.$extends(caromStrategy(carom)) as unknown as PrismaClient);
  const bump = (tx: Pick<PrismaClient, 'counter'>, id: number) =>
    tx.counter.update({ where: { id }, data: { value: { increment: 1 } } });
  return {
    read: () => db.counter.findUnique({ where: { id: 1 } }),
    write: (id) => db.mark.create({ data: { mark: id } }),
    transaction: (id) =>
      db.$transaction(async (tx) => {
        await tx.counter.findUnique({ where: { id: 2 } });
        await tx.mark.create({ data: { mark: id } });
      }),
    cross: (id, first, second) =>
      db.$transaction(async (tx) => {
        await bump(tx, first);
        await bump(tx, second);
        await tx.mark.create({ data: { mark: id } });
      }),
    serialize: (id, row) =>
      db.$transaction(
        async (tx) => {
          const found = await tx.counter.findUniqueOrThrow({ where: { id: row } });
          await tx.counter.update({ where: { id: row }, data: { value: found.value + 1 } });
          await tx.mark.create({ data: { mark: id } });
        },
        { isolationLevel: 'Serializable' },
      ),
    get slots() {
      return slotsOf(pool);
    },
    get listeners() {
      return listenersOf(pool);
    },
    close: () => db.$disconnect(),
  };
}
