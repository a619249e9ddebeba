/** The driver is what Prisma sends with: an adapter of its public interface, and the `pg` pool below. */
import type { Held, OwnClient } from '@carom/postgres';

/** What is used of a `pg` client that was taken from its pool. */
export type Client = Held['client'] &
  Pick<OwnClient, 'query' | 'on' | 'off' | 'end'> & { release(destroy?: unknown): void };

/** How `pg.Pool` answers. */
export type Checkout = (error: unknown, client: Client | undefined, done: unknown) => void;

/** What is used of a `pg.Pool`. */
export interface Pool {
  readonly idleCount: number;
  readonly totalCount: number;
  /** Whether it was ended. */
  readonly ending?: boolean;
  readonly options?: unknown;
  /** What it makes its connections with. */
  readonly Client?:
    | (new (
        options: unknown,
      ) => OwnClient & { connect(): Promise<unknown> })
    | undefined;
  query(...args: unknown[]): unknown;
  connect(): Promise<Client>;
  connect(callback: Checkout): void;
  on(event: 'error', listener: () => void): unknown;
  on(event: 'acquire', listener: (client: Client) => void): unknown;
  on(event: 'release', listener: (error: unknown, client: Client) => void): unknown;
}

/** A statement as Prisma gives it to an adapter. */
export interface Statement {
  readonly sql: string;
}

export type Send = (statement: Statement) => Promise<unknown>;

/** A connected adapter, or a transaction of it. */
export interface Queryable {
  queryRaw: Send;
  executeRaw: Send;
}

/** `SqlDriverAdapter`: what a factory makes when it connects. */
export interface Adapter extends Queryable {
  startTransaction(level?: unknown): Promise<Queryable>;
  /** Of `@prisma/adapter-pg`: throws what it makes of an error of the driver's. */
  onError?(error: unknown): unknown;
  dispose?(): Promise<void>;
  /** Of `@prisma/adapter-pg`: its pool. */
  underlyingDriver?(): unknown;
}

/** `SqlDriverAdapterFactory`: what a client is made with. */
export interface Factory {
  readonly provider?: unknown;
  readonly adapterName?: unknown;
  connect(): Promise<Adapter>;
}

/** Whether `value` looks like a `pg.Pool`. */
export function isPool(value: unknown): value is Pool {
  return (
    typeof value === 'object' &&
    value !== null &&
    'idleCount' in value &&
    typeof (value as Partial<Pool>).connect === 'function'
  );
}
