/** The shop on Knex: builders, and a transaction with a callback. */
import { wrapKnex } from '@carom/knex';
import knex, { type Knex } from 'knex';
import type { Operation, OrderOperation, TransferOperation } from '../load/operation.js';
import {
  applicationName,
  type ClientSettings,
  pause,
  poolSettings,
  type ShopClient,
} from './client.js';

async function placeOrder(trx: Knex.Transaction, operation: OrderOperation): Promise<void> {
  const { id, product, quantity, cents } = operation;
  const [order] = await trx('shop_orders')
    .insert({ request_id: id, product_id: product, quantity, cents })
    .returning('seq');
  await trx('shop_payments').insert({ request_id: id, order_seq: order?.seq, cents });
  await trx('shop_stock')
    .where({ id: product })
    .decrement('on_hand', quantity)
    .increment('sold', quantity);
}

async function moveGoods(trx: Knex.Transaction, operation: TransferOperation): Promise<void> {
  const { id, from, to, quantity } = operation;
  await trx('shop_stock').where({ id: from }).decrement('on_hand', quantity);
  await pause(operation.pause);
  await trx('shop_stock').where({ id: to }).increment('on_hand', quantity);
  await trx('shop_transfers').insert({ request_id: id, from_id: from, to_id: to, quantity });
}

const reads: readonly ((db: Knex, product: number) => PromiseLike<unknown>)[] = [
  (db, product) => db('shop_stock').where({ id: product }).first(),
  (db, product) => db('shop_orders').where({ product_id: product }).sum('cents'),
  (db) => db('shop_orders').select('seq', 'quantity', 'cents').orderBy('seq', 'desc').limit(10),
];

const silent = (): void => undefined;

/** Makes the client. */
export function knexClient({ config, carom }: ClientSettings): ShopClient {
  const bare = knex({
    client: 'pg',
    connection: { ...config, application_name: applicationName('knex') },
    pool: { min: 0, max: poolSettings.max },
    acquireConnectionTimeout: poolSettings.connectionTimeoutMillis,
    // Its warnings about lost connections would tear the picture apart.
    log: { warn: silent, error: silent, deprecate: silent, debug: silent },
  });
  const db = carom === undefined ? bare : wrapKnex(bare, carom);
  const play = async (operation: Operation): Promise<void> => {
    switch (operation.kind) {
      case 'order':
        return db.transaction((trx) => placeOrder(trx, operation));
      case 'transfer':
        return db.transaction((trx) => moveGoods(trx, operation));
      case 'gift-card':
        await db('shop_gift_cards').insert({ request_id: operation.id, cents: operation.cents });
        return;
      case 'read':
        await reads[operation.form]?.(db, operation.product);
    }
  };
  return { play, close: () => bare.destroy() };
}
