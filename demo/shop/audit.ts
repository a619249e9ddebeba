/** The audit of the shop: what the database holds, and whether its accounts add up. */
import type { Client } from 'pg';
import { startStock } from './goods.js';

/** What was found. */
export interface ShopAudit {
  /** How many rows carry each request id: orders, transfers and gift cards. */
  readonly rows: ReadonlyMap<string, number>;
  /** Accounts that do not add up, one sentence each. */
  readonly broken: readonly string[];
}

const written = `
  select request_id, count(*)::int as times from (
    select request_id from shop_orders
    union all select request_id from shop_transfers
    union all select request_id from shop_gift_cards) as every_write
  group by request_id`;

/** Each query finds what must not be; its sentence says so. */
const accounts: readonly (readonly [
  sentence: string,
  query: string,
  values: readonly unknown[],
])[] = [
  [
    'what was sold of a product is what its orders say',
    `select id from shop_stock s where sold <>
       (select coalesce(sum(quantity), 0) from shop_orders o where o.product_id = s.id)`,
    [],
  ],
  [
    'what is on hand of a product is what was there, less what was sold and moved away, and what was moved there',
    `select id from shop_stock s where on_hand <> $1 - sold
       - (select coalesce(sum(quantity), 0) from shop_transfers t where t.from_id = s.id)
       + (select coalesce(sum(quantity), 0) from shop_transfers t where t.to_id = s.id)`,
    [startStock],
  ],
  [
    'each order has its one payment, of the same request and amount',
    `select o.seq from shop_orders o left join shop_payments p
         on p.order_seq = o.seq and p.request_id = o.request_id and p.cents = o.cents
      group by o.seq having count(p.seq) <> 1`,
    [],
  ],
  [
    'there are as many payments as orders',
    `select 1 where (select count(*) from shop_payments) <> (select count(*) from shop_orders)`,
    [],
  ],
];

/** Reads the whole shop, on the server that leads now. */
export async function auditShop(client: Client): Promise<ShopAudit> {
  // One moment for all questions: what a client left behind may still be on its way.
  await client.query('begin isolation level repeatable read read only');
  const { rows } = await client.query<{ request_id: string; times: number }>(written);
  const broken: string[] = [];
  for (const [sentence, query, values] of accounts) {
    const found = await client.query(query, [...values]);
    if (found.rows.length > 0)
      broken.push(`${found.rows.length} times it is not true that ${sentence}`);
  }
  await client.query('commit');
  return { rows: new Map(rows.map(({ request_id, times }) => [request_id, times])), broken };
}
