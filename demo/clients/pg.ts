/** The shop on `pg`: SQL by hand. */
import { wrapPool } from '@carom/pg';
import pg, { type Pool, type PoolClient } from 'pg';
import type { Operation, OrderOperation, TransferOperation } from '../load/operation.js';
import { sql } from '../shop/statements.js';
import { bareTransaction } from './bare-transaction.js';
import {
  applicationName,
  type ClientSettings,
  pause,
  poolSettings,
  type ShopClient,
} from './client.js';
import { survivingPool } from './surviving-pool.js';

type Work = (client: PoolClient) => Promise<void>;

async function placeOrder(client: PoolClient, operation: OrderOperation): Promise<void> {
  const { id, product, quantity, cents } = operation;
  const { rows } = await client.query<{ seq: number }>(sql.order, [id, product, quantity, cents]);
  await client.query(sql.payment, [id, rows[0]?.seq, cents]);
  await client.query(sql.sell, [product, quantity]);
}

async function moveGoods(client: PoolClient, operation: TransferOperation): Promise<void> {
  const { id, from, to, quantity } = operation;
  await client.query(sql.take, [from, quantity]);
  await pause(operation.pause);
  await client.query(sql.put, [to, quantity]);
  await client.query(sql.transfer, [id, from, to, quantity]);
}

const reads = [sql.stock, sql.takings, sql.lastOrders] as const;

/** Makes the client. */
export function pgClient({ config, carom }: ClientSettings): ShopClient {
  const settings = { ...config, ...poolSettings, application_name: applicationName('pg') };
  const bare = carom === undefined ? survivingPool(settings) : new pg.Pool(settings);
  const wrapped = carom === undefined ? undefined : wrapPool(bare, carom);
  const pool: Pool = wrapped ?? bare;
  const transaction = (work: Work): Promise<void> =>
    wrapped === undefined ? bareTransaction(bare, work) : wrapped.transaction(work);
  const play = async (operation: Operation): Promise<void> => {
    switch (operation.kind) {
      case 'order':
        return transaction((client) => placeOrder(client, operation));
      case 'transfer':
        return transaction((client) => moveGoods(client, operation));
      case 'gift-card':
        await pool.query(sql.giftCard, [operation.id, operation.cents]);
        return;
      case 'read': {
        const text = reads[operation.form] ?? sql.stock;
        await pool.query(text, text.includes('$1') ? [operation.product] : []);
      }
    }
  };
  return { play, close: () => bare.end() };
}
