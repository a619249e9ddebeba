/** The wrapped pool: a `pg.Pool` whose queries and transactions are played by an execution strategy. */
import { CaromError, processWide, type Strategy } from '@carom/core';
import {
  boundPool,
  checkExecutionCall,
  connectLike,
  createExecution,
  type ExecutionCallOptions,
  type ExecutionOptions,
  keepVigil,
  placesOf,
  tellRoom,
  watchPool,
} from '@carom/postgres';
import type { Pool } from 'pg';
import { addressOf } from './address.js';
import { type Binding, createBinding } from './binding.js';
import { connectOn, queryOn } from './query.js';
import { type TransactionCallback, type TransactionOptions, transactionOn } from './transaction.js';

/** What a wrapped pool has beside everything that the pool had. */
export interface CaromExtras<P> {
  /**
   * Runs `callback` in a transaction, and plays the whole of it again where that is safe.
   * @throws {OutcomeUnknownError} when the answer to COMMIT was lost.
   * @throws {SilentRollbackError} when the callback swallowed an error and COMMIT undid everything.
   */
  transaction<T>(callback: TransactionCallback<T>, options?: TransactionOptions): Promise<T>;
  /** The same pool with options for the calls made through it. */
  carom(options: ExecutionCallOptions): P & CaromExtras<P>;
}

/** A wrapped pool. */
export type CaromPool<P extends Pool = Pool> = P & CaromExtras<P>;

const wrapped: WeakSet<object> = processWide('wrapped-pools', () => new WeakSet());

/**
 * Wraps a `pg.Pool`. The pool itself stays as it was; the types stay as they are.
 * @throws {CaromError} when `pool` is not a pool, or is wrapped already.
 * @throws {InvalidOptionError} naming the option, the value given and what is allowed.
 */
export function wrapPool<P extends Pool>(
  pool: P,
  options?: ExecutionOptions | Strategy,
): CaromPool<P> {
  if (
    typeof (pool as Partial<Pool> | undefined)?.connect !== 'function' ||
    !('idleCount' in pool)
  ) {
    throw new CaromError(
      'CAROM_NOT_A_POOL',
      'wrapPool takes a pool of the package pg: new pg.Pool(…)',
    );
  }
  if (wrapped.has(pool)) {
    throw new CaromError(
      'CAROM_ALREADY_WRAPPED',
      'this pool is wrapped already: wrap it once and pass the result around',
    );
  }
  const connect = connectLike(pool);
  const isClosed = (): boolean => pool.ending;
  watchPool(pool);
  const ways = { isClosed, places: placesOf(pool) };
  const execution = createExecution(options, addressOf(pool), connect, ways);
  const { silence, room } = execution;
  tellRoom(pool, room);
  if (silence !== false) keepVigil(pool, { connect, silence });
  boundPool(pool, execution.connectPatience);
  return bind<P>(createBinding(pool, execution));
}

/** `pool.end`: what waits is rejected, what is at work is waited for. */
function endOn({ pool, execution }: Binding): (...args: unknown[]) => unknown {
  return (...args) => {
    execution.membership.close();
    return (pool.end as (...all: unknown[]) => unknown).apply(pool, args);
  };
}

function bind<P extends Pool>(binding: Binding): CaromPool<P> {
  const { pool, execution, call } = binding;
  const carom = (options: ExecutionCallOptions): CaromPool<P> =>
    bind(
      createBinding(pool, execution, {
        ...call,
        ...checkExecutionCall(options, call.commit ?? execution.commit),
      }),
    );
  const own: Readonly<Record<PropertyKey, unknown>> = {
    query: queryOn(binding),
    connect: connectOn(binding),
    transaction: transactionOn(binding),
    end: endOn(binding),
    carom,
  };
  const proxy = new Proxy(pool, {
    get(target, property) {
      if (Object.hasOwn(own, property)) return own[property];
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    has: (target, property) => Object.hasOwn(own, property) || Reflect.has(target, property),
  });
  wrapped.add(proxy);
  return proxy as CaromPool<P>;
}
