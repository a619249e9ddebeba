/** The wrapped Knex: a Knex whose builders and transactions are played by an execution strategy. */
import { CaromError, processWide, type Strategy } from '@carom/core';
import {
  boundPool,
  checkExecutionCall,
  countdown,
  createExecution,
  type Execution,
  type ExecutionCallOptions,
  type ExecutionOptions,
  guardRules,
  watchPool,
} from '@carom/postgres';
import type { Knex } from 'knex';
import { addressOf } from './address.js';
import { connectBeside } from './beside.js';
import { boundConnecting } from './bound.js';
import { drain, isPool } from './drain.js';
import type { Builder, Context, KnexClient, KnexFunction } from './internals.js';
import { placesOfKnex } from './places.js';
import { runnersOf } from './runner.js';
import type { Table } from './table.js';
import { makeTransaction } from './unit.js';
import { vigilOf, watchStatements } from './vigil.js';

/** What a wrapped Knex has beside everything that the Knex had. */
export interface CaromExtras<K> {
  /** The same Knex with options for the calls made through it. */
  carom(options: ExecutionCallOptions): CaromKnex<K>;
}

/** A wrapped Knex. */
export type CaromKnex<K = Knex> = K & CaromExtras<K>;

const wrapped: WeakSet<object> = processWide('wrapped-knexes', () => new WeakSet());

/**
 * Wraps a Knex. The Knex itself stays as it was; the types stay as they are.
 * @throws {CaromError} when `knex` is not a Knex, is none of Postgres, or is wrapped already.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever rows and results this Knex is typed for, they stay.
export function wrapKnex<K extends Knex<any, any[]>>(
  knex: K,
  options?: ExecutionOptions | Strategy,
): CaromKnex<K> {
  const plain = checked(knex);
  const { client } = plain;
  const connect = connectBeside(client);
  const isClosed = (): boolean => client.pool === undefined;
  // Knex leaves the errors of clients to whoever brought the pool; without listeners they end the process.
  const { connectionPool: foreign } = client.config;
  if (isPool(foreign)) watchPool(foreign);
  const ways = { isClosed, places: placesOfKnex(client) };
  const execution = createExecution(options, addressOf(client), connect, ways);
  if (isPool(foreign)) {
    boundPool(foreign, execution.connectPatience);
  } else boundConnecting(client, execution.connectPatience);
  watchStatements(client, connect, execution.silence);
  return bind(plain, execution, undefined) as unknown as CaromKnex<K>;
}

function checked(knex: unknown): KnexFunction {
  if (!isKnex(knex)) {
    throw new CaromError(
      'CAROM_NOT_A_KNEX',
      'wrapKnex takes what the package knex makes: knex({ client: "pg", … })',
    );
  }
  if (wrapped.has(knex)) {
    throw new CaromError(
      'CAROM_ALREADY_WRAPPED',
      'this Knex is wrapped already: wrap it once and pass the result around',
    );
  }
  if (knex.isTransaction) {
    throw new CaromError(
      'CAROM_ALREADY_WRAPPED',
      'a transaction cannot be wrapped: wrap the Knex that begins it',
    );
  }
  const { dialect } = knex.client;
  if (dialect !== 'postgresql') {
    const spoken = typeof dialect === 'string' ? dialect : 'no dialect of its own';
    throw new CaromError(
      'CAROM_NOT_POSTGRES',
      `wrapKnex takes a Knex of PostgreSQL (client "pg"), and this one speaks ${spoken}`,
    );
  }
  return knex;
}

function isKnex(value: unknown): value is KnexFunction {
  if (typeof value !== 'function') return false;
  const { context, client } = value as Partial<KnexFunction>;
  return typeof context?.transaction === 'function' && typeof client === 'object';
}

function bind(
  knex: KnexFunction,
  execution: Execution,
  call: ExecutionCallOptions | undefined,
): KnexFunction {
  const {
    idempotent = false,
    commit: _,
    exactlyOnce = execution.exactlyOnce,
    connectPatience = execution.connectPatience,
    readFrom = execution.readFrom,
    ...perCall
  } = call ?? {};
  const { strategy, datasource, key, classify, resolver } = execution;
  const real = knex.client;
  const table: Table = {
    strategy,
    rules: Object.keys(perCall).length === 0 ? undefined : perCall,
    client: real,
    guarding: guardRules(execution, call),
    exactlyOnce,
    connectPatience,
    room: execution.room,
    replica: (readFrom as KnexFunction | undefined)?.client,
    vigil: vigilOf(real),
    countdown: () => countdown(execution, call),
    base: {
      datasource,
      key,
      idempotent,
      classify,
      resolver,
      drain: (connection) => drain(real, connection),
    },
    runner: (builder) => real.runner(builder),
  };
  const client = wrapClient(real, runnersOf(table));
  const context: Context = Object.create(knex.context, {
    client: { value: client, writable: true, enumerable: true },
    transaction: { value: makeTransaction(table, knex.context, () => context) },
    withUserParams: {
      value: (params: object) => bind(knex.withUserParams(params), execution, call),
    },
  });
  const carom = (options: ExecutionCallOptions): KnexFunction =>
    bind(knex, execution, {
      ...call,
      ...checkExecutionCall(options, call?.commit ?? execution.commit),
    });
  const own: Readonly<Record<PropertyKey, unknown>> = { context, carom, ...ends(knex, execution) };
  const proxy = new Proxy(knex, {
    get: (target, property, receiver) =>
      Object.hasOwn(own, property) ? own[property] : Reflect.get(target, property, receiver),
    has: (target, property) => Object.hasOwn(own, property) || Reflect.has(target, property),
    apply: (_target, _this, [name, options]) => query(context, name, options),
  });
  wrapped.add(proxy);
  return proxy;
}

/** `destroy`: what waits is rejected, what is at work is waited for. `initialize` makes a pool again. */
function ends(knex: KnexFunction, { membership }: Execution): object {
  return {
    destroy(callback?: unknown): unknown {
      membership.close();
      return knex.destroy(callback);
    },
    initialize(config?: object): unknown {
      membership.open();
      return knex.initialize(config);
    },
  };
}

/** State (the pool, the listeners) stays in the one real client; transactions make clients of their own. */
function wrapClient(real: KnexClient, runner: (builder: Builder) => unknown): KnexClient {
  return new Proxy(real, {
    get: (target, property, receiver) =>
      property === 'runner' ? runner : Reflect.get(target, property, receiver),
  });
}

/** What `knex(…)` does; Knex's own has its own context built in. */
function query(context: Context, name: unknown, options: unknown): unknown {
  const builder = context.queryBuilder();
  if (name) return builder.table(name, options);
  context.client.logger.warn(
    'calling knex without a tableName is deprecated. Use knex.queryBuilder() instead.',
  );
  return builder;
}
