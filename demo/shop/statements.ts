/** The shop's SQL, for the client that speaks SQL. */

export const sql = {
  order:
    'insert into shop_orders (request_id, product_id, quantity, cents) values ($1, $2, $3, $4) returning seq',
  payment: 'insert into shop_payments (request_id, order_seq, cents) values ($1, $2, $3)',
  sell: 'update shop_stock set on_hand = on_hand - $2, sold = sold + $2 where id = $1',
  take: 'update shop_stock set on_hand = on_hand - $2 where id = $1',
  put: 'update shop_stock set on_hand = on_hand + $2 where id = $1',
  transfer:
    'insert into shop_transfers (request_id, from_id, to_id, quantity) values ($1, $2, $3, $4)',
  giftCard: 'insert into shop_gift_cards (request_id, cents) values ($1, $2)',
  stock: 'select on_hand, sold from shop_stock where id = $1',
  takings: 'select coalesce(sum(cents), 0) as cents from shop_orders where product_id = $1',
  lastOrders: 'select seq, quantity, cents from shop_orders order by seq desc limit 10',
} as const;

/** The one statement that commits by itself, whichever client wrote it: what a cut at an autocommit write waits for. */
export const giftCardInsert = /^\s*insert into .*shop_gift_cards/i;
