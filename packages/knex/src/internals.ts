/** The internals of Knex that this adapter touches, from Knex 3.1 on, as structural types: none of them is public. */
import type { OwnClient, WatchableClient } from '@carom/postgres';

/** A connection of Knex's pool: a client of `pg`. */
export interface Connection extends WatchableClient {
  query(...args: unknown[]): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'notice', listener: (notice: object) => void): unknown;
  once(event: 'end', listener: () => void): unknown;
  off(event: 'end' | 'notice', listener: (notice: object) => void): unknown;
  end?(callback: () => void): unknown;
  /** Why Knex may not hand this connection out again; the pool looks at it when it lends. */
  __knex__disposed?: unknown;
  /** `pg`: the connection is gone, and `end` was emitted or will be in this turn. */
  readonly _ended?: boolean;
  /** `pg`: the wire. */
  readonly connection?: { readonly stream?: { destroy(): unknown } | undefined } | undefined;
}

/** tarn's pool; a foreign pool in Knex's coat has neither list. */
export interface ConnectionPool {
  readonly free?: readonly { readonly resource: Connection }[] | undefined;
  readonly used?: readonly { readonly resource: Connection }[] | undefined;
  readonly pendingCreates?: readonly unknown[] | undefined;
  readonly max?: number | undefined;
  acquireTimeoutMillis?: number | undefined;
  on?(event: 'release' | 'createSuccess', listener: () => void): unknown;
  readonly createTimeoutMillis?: number | undefined;
}

/** What is needed of a `pg.Pool` that Knex was given as `connectionPool`. */
export interface ForeignPool {
  readonly options?: ConnectionConfig | undefined;
  readonly idleCount?: number | undefined;
  /** What it makes its connections with. */
  readonly Client?:
    | (new (
        options: unknown,
      ) => OwnClient & { connect(): Promise<unknown> })
    | undefined;
  connect?(): Promise<{ release(destroy: boolean): void }>;
  on?(event: 'error', listener: (error: Error) => void): unknown;
}

/** Where the database is, as Knex was told. */
export interface ConnectionConfig {
  connectionTimeoutMillis?: unknown;
  readonly connectionString?: unknown;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly database?: unknown;
}

/** A dialect's client. */
export interface KnexClient {
  readonly dialect?: unknown;
  readonly config: {
    readonly connection?: ConnectionConfig | string | ((...args: never) => unknown) | undefined;
    readonly connectionPool?: ForeignPool | undefined;
  };
  readonly logger: { warn(message: string): void };
  readonly pool?: ConnectionPool | undefined;
  /** What `pg` connects with. */
  readonly connectionSettings?: { connectionTimeoutMillis?: unknown } | undefined;
  readonly transacting?: boolean | undefined;
  positionBindings(sql: string): string;
  acquireConnection(): Promise<Connection>;
  releaseConnection(connection: Connection): Promise<void>;
  /** What it makes its connections with. */
  readonly driver?: { readonly Client?: new (settings: unknown) => OwnClient } | undefined;
  /** One that is not the pool's. */
  acquireRawConnection(): Promise<unknown>;
  runner(builder: Builder): Runner;
  transaction(...args: unknown[]): KnexTransaction;
}

/** One compiled statement. */
export interface Compiled {
  /** Once it was sent, as the server saw it. */
  readonly sql: string;
  /** The server's answer, once there is one. */
  readonly response?: unknown;
}

/** What all builders have: of queries, of raw SQL and of schemas. */
export interface Builder {
  readonly client: KnexClient;
  /** The caller's own connection. */
  readonly _connection?: unknown;
  /** Of a query: `select`, `insert`, … */
  readonly _method?: string | undefined;
  readonly _single?: { readonly table?: unknown; readonly lock?: unknown } | undefined;
  readonly _statements?: readonly unknown[] | undefined;
  /** Of a schema: the calls made on it. */
  readonly _sequence?: readonly { readonly method: string }[] | undefined;
  /** Of raw SQL. */
  readonly isRawInstance?: boolean | undefined;
  readonly sql?: unknown;
  readonly bindings?: unknown;
  toSQL(): Compiled | Compiled[];
  emit(...args: unknown[]): unknown;
}

/** What Knex's stream runner passes along. */
export interface StreamParams {
  readonly stream: import('node:stream').Transform;
  readonly hasHandler: boolean;
  readonly options?: unknown;
}

/** Runs a builder on a connection; the second argument only for streams. */
export type Run = (runner: Runner, params: StreamParams | undefined) => Promise<unknown>;

/** What executes a builder. */
export interface Runner {
  client: KnexClient;
  builder: Builder;
  connection: Connection | undefined;
  ensureConnection(run: Run, params?: StreamParams): Promise<unknown>;
  query(compiled: Compiled): Promise<unknown>;
  queryArray(compiled: Compiled[]): Promise<unknown>;
}

/** How a transaction begins. */
export interface TransactionConfig {
  readonly connection?: unknown;
  readonly readOnly?: boolean | undefined;
}

/** The `trx` that a callback works with. */
export type Transactor = (...args: unknown[]) => unknown;

/** What a transaction does with its `trx`. */
export type Container = (trx: Transactor) => unknown;

/** A running transaction: behind the `trx`, and a promise of its result. */
export interface KnexTransaction extends PromiseLike<unknown> {
  /** Set before `begin` or `savepoint` is called. */
  readonly trxClient: KnexClient;
  _completed: boolean;
  /** Settles the result; there as soon as a connection is. */
  _rejecter?: ((error: unknown) => void) | undefined;
  _resolver?: ((value: unknown) => void) | undefined;
  isCompleted(): boolean;
  begin(connection: Connection): Promise<unknown>;
  savepoint(connection: Connection): Promise<unknown>;
  commit(connection: Connection, value: unknown): Promise<unknown>;
  rollback(connection: Connection, error: unknown): Promise<unknown>;
  rollbackTo(connection: Connection, error: unknown): Promise<unknown>;
}

/** What `knex` hands its calls on to. */
export interface Context {
  client: KnexClient;
  queryBuilder(): { table(name: unknown, options: unknown): unknown };
  transaction(container: Container | undefined, config: TransactionConfig | undefined): unknown;
  withUserParams(params: object): unknown;
}

/** `knex` itself. */
export interface KnexFunction {
  readonly context: Context;
  readonly client: KnexClient;
  readonly isTransaction?: boolean | undefined;
  withUserParams(params: object): KnexFunction;
  initialize(config?: object): unknown;
  destroy(callback?: unknown): unknown;
}
