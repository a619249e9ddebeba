/** The driver is what Prisma sends with: an adapter of its public interface, and the `pg` pool below. */

/** What is used of a `pg` client that was taken from its pool. */
export interface Client {
  on(event: 'error', listener: (error: Error) => void): unknown;
  end(): Promise<unknown>;
  release(destroy?: boolean): void;
}

/** How `pg.Pool` answers. */
export type Checkout = (error: unknown, client: Client | undefined, done: unknown) => void;

/** What is used of a `pg.Pool`. */
export interface Pool {
  readonly idleCount: number;
  /** Whether it was ended. */
  readonly ending?: boolean;
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
  /** Of `@prisma/adapter-pg`: its pool. */
  underlyingDriver?(): unknown;
}

/** `SqlDriverAdapterFactory`: what a client is made with. */
export interface Factory {
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
