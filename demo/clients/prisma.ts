/** The shop on Prisma: model calls, and a transaction as a callback, as a batch and as a nested write. */
import { caromAdapter, caromStrategy } from '@carom/prisma';
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '../../prisma/generated/client.js';
import type { Operation, OrderOperation, TransferOperation } from '../load/operation.js';
import {
  applicationName,
  type ClientSettings,
  pause,
  poolSettings,
  type ShopClient,
} from './client.js';
import { survivingPool } from './surviving-pool.js';

type Place = (db: PrismaClient, operation: OrderOperation) => Promise<unknown>;

const orderData = ({
  id,
  quantity,
  cents,
}: OrderOperation): Prisma.OrderCreateWithoutProductInput => ({
  requestId: id,
  quantity,
  cents,
  payments: { create: { requestId: id, cents } },
});

const lowered = ({ quantity }: OrderOperation): Prisma.StockUpdateInput => ({
  onHand: { decrement: quantity },
  sold: { increment: quantity },
});

/** Three ways of writing the same transaction. */
const placeOrder: readonly Place[] = [
  (db, operation) =>
    db.$transaction(async (tx) => {
      const { id, product, quantity, cents } = operation;
      const data = { requestId: id, productId: product, quantity, cents };
      const order = await tx.order.create({ data });
      await tx.payment.create({ data: { requestId: id, orderSeq: order.seq, cents } });
      await tx.stock.update({ where: { id: product }, data: lowered(operation) });
    }),
  (db, operation) =>
    db.$transaction([
      db.order.create({
        data: { ...orderData(operation), product: { connect: { id: operation.product } } },
      }),
      db.stock.update({ where: { id: operation.product }, data: lowered(operation) }),
    ]),
  (db, operation) =>
    db.stock.update({
      where: { id: operation.product },
      data: { ...lowered(operation), orders: { create: orderData(operation) } },
    }),
];

function moveGoods(db: PrismaClient, operation: TransferOperation): Promise<void> {
  const { id, from, to, quantity } = operation;
  return db.$transaction(async (tx) => {
    await tx.stock.update({ where: { id: from }, data: { onHand: { decrement: quantity } } });
    await pause(operation.pause);
    await tx.stock.update({ where: { id: to }, data: { onHand: { increment: quantity } } });
    await tx.transfer.create({ data: { requestId: id, fromId: from, toId: to, quantity } });
  });
}

const reads: readonly ((db: PrismaClient, product: number) => PromiseLike<unknown>)[] = [
  (db, product) => db.stock.findUnique({ where: { id: product } }),
  (db, product) => db.order.aggregate({ where: { productId: product }, _sum: { cents: true } }),
  (db) => db.order.findMany({ orderBy: { seq: 'desc' }, take: 10 }),
];

/** Makes the client. */
export function prismaClient({ config, carom }: ClientSettings): ShopClient {
  const settings = { ...config, ...poolSettings, application_name: applicationName('prisma') };
  const bare = new PrismaClient({
    adapter:
      carom === undefined
        ? new PrismaPg(survivingPool(settings))
        : caromAdapter(new PrismaPg(settings)),
    // As long as a connection may take, or this bound would come first.
    transactionOptions: { maxWait: poolSettings.connectionTimeoutMillis, timeout: 10_000 },
  });
  // An extended client has all that the bare one has but `$on`, which nobody here asks for.
  const db =
    carom === undefined ? bare : (bare.$extends(caromStrategy(carom)) as unknown as PrismaClient);
  const play = async (operation: Operation): Promise<void> => {
    switch (operation.kind) {
      case 'order':
        await placeOrder[operation.form]?.(db, operation);
        return;
      case 'transfer':
        return moveGoods(db, operation);
      case 'gift-card':
        await db.giftCard.create({ data: { requestId: operation.id, cents: operation.cents } });
        return;
      case 'read':
        await reads[operation.form]?.(db, operation.product);
    }
  };
  return { play, close: () => bare.$disconnect() };
}
