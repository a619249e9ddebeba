/** An operation is one thing that a customer or the shop asks for: what, of which client, and when. */

export const adapters = ['pg', 'knex', 'prisma'] as const;

export type Adapter = (typeof adapters)[number];

/** What is known of every operation. Its id travels with each row it writes. */
interface Planned {
  readonly id: string;
  /** When it is asked for, in ms from the beginning of the run. */
  readonly at: number;
  readonly adapter: Adapter;
}

/** A transaction: the order, the stock lowered, the payment. */
export interface OrderOperation extends Planned {
  readonly kind: 'order';
  readonly product: number;
  readonly quantity: number;
  readonly cents: number;
  /** Which way of writing the same thing, where a client has several; from 0. */
  readonly form: number;
}

/** A transaction over two rows that others want too, in one order or the other. */
export interface TransferOperation extends Planned {
  readonly kind: 'transfer';
  readonly from: number;
  readonly to: number;
  readonly quantity: number;
  /** Between its two updates, in ms: long enough for another to come from the other side. */
  readonly pause: number;
}

/** One statement that commits at once: a gift card is sold. */
export interface GiftCardOperation extends Planned {
  readonly kind: 'gift-card';
  readonly cents: number;
}

/** A look at the shop. */
export interface ReadOperation extends Planned {
  readonly kind: 'read';
  readonly product: number;
  readonly form: number;
}

export type WriteOperation = OrderOperation | TransferOperation | GiftCardOperation;
export type Operation = WriteOperation | ReadOperation;

export function isWrite(operation: Operation): operation is WriteOperation {
  return operation.kind !== 'read';
}
