/** What the contract asks of an adapter: the same few operations, each in the adapter's own idiom. */
import type { ExecutionCallOptions, ExecutionOptions } from '@carom/postgres';
import type { ServerConfig } from '@carom/testing';

/** What a transaction callback may do. */
export interface Tx {
  mark(id: string): Promise<unknown>;
  count(id: string): Promise<number>;
  /** Locks and changes one of the hot rows. */
  bump(counter: number): Promise<unknown>;
  raw(sql: string): Promise<unknown>;
}

export interface TxOptions {
  readonly serializable?: boolean;
  readonly readOnly?: boolean;
}

/** A client of one adapter, wrapped by Carom. */
export interface Subject {
  /** One autocommit INSERT. */
  mark(id: string): Promise<unknown>;
  /** The same as the library itself gives it: it may begin only when it is awaited. */
  readonly lazyMark: (id: string) => PromiseLike<unknown>;
  /** One autocommit SELECT. */
  count(id: string): Promise<number>;
  raw(sql: string): Promise<unknown>;
  /** One row by its key. */
  find(counter: number): Promise<unknown>;
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TxOptions): Promise<T>;
  /** Several writes as one unit without a callback, where the library has that. */
  readonly batch?: (ids: readonly string[]) => Promise<unknown>;
  /** One call that is several statements in one transaction, where the library has that. */
  readonly nested?: (id: string) => Promise<unknown>;
  /** The same client with options for its calls. */
  with(options: ExecutionCallOptions): Subject;
  /** The same client wrapped once more, as some do for each request. */
  again(): Subject;
  close(): Promise<void>;
  /** What its pool holds now. */
  pool(): Slots;
}

/** Places in a pool. */
export interface Slots {
  /** With somebody, or being made. */
  readonly used: number;
  readonly free: number;
  /** Requests in the queue. */
  readonly waiting: number;
  /** Listeners on all that is free, counted together. */
  readonly listeners: number;
}

/** How its pool is made. */
export interface PoolSettings {
  /** Default 4. */
  readonly max?: number;
  /** Without the limit on connecting that the contract's pools have, 5 s: as the library makes it. */
  readonly unlimited?: boolean;
  /** The driver's own `query_timeout`, in ms. */
  readonly queryTimeout?: number;
}

/** How to open a client of one adapter. */
export interface Adapter {
  readonly name: string;
  /** Whether readOnly transactions can be declared. */
  readonly declaresReadOnly: boolean;
  /** Whether the library has batches and nested writes. */
  readonly hasUnits: boolean;
  /** Whether it settles lost COMMITs. */
  readonly settles: boolean;
  /** The same client without Carom, to measure by. */
  plain(config: ServerConfig): Pick<Subject, 'mark' | 'transaction' | 'close'>;
  open(config: ServerConfig, options?: ExecutionOptions, pool?: PoolSettings): Subject;
  /** A plain client of the library, as one of a replica is. */
  replica(config: ServerConfig): { readonly client: object; close(): Promise<void> };
}
