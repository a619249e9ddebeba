/** Acquiring is waiting for a connection, in the queue of a pool or while it is made: never for ever, whatever the pool does. */
import { CaromError, type Millis, systemClock } from '@carom/core';
import { noAnswer, within } from '../commit/line.js';

/** How long a pool without a limit of its own may take to give a connection, in ms: `pg` waits for ever by default. */
const connectPatience: Millis = 10_000;

/** What is needed of a `pg.Pool`, or of settings that one is made with. */
export interface Boundable {
  readonly options?: { connectionTimeoutMillis?: unknown } | null | undefined;
}

/**
 * Gives a pool that would wait for ever a limit of its own: only the pool can end a connection that is being made, and free
 * its place. A limit that it has stays.
 */
export function boundPool({ options }: Boundable, limit: Millis = connectPatience): void {
  if (!options || options.connectionTimeoutMillis || Object.isFrozen(options)) return;
  options.connectionTimeoutMillis = limit;
}

/** How to wait for a connection. */
export interface Acquiring<T> {
  /** In ms. */
  readonly limit: Millis;
  /** Whether every connection that the pool may have is at work; asked when the time is over. */
  isBusy(): boolean;
  /** Puts back a connection that came too late. */
  giveBack(connection: T): void;
}

/**
 * Waits for a connection.
 * @throws {CaromError} `CAROM_POOL_TIMEOUT` when none was free in time, `CAROM_CONNECT_TIMEOUT` when none was made in time.
 */
export async function acquire<T>(
  asked: Promise<T>,
  { limit, isBusy, giveBack }: Acquiring<T>,
): Promise<T> {
  const connection = await within(asked, limit, systemClock);
  if (connection !== noAnswer) return connection;
  asked.then(giveBack, () => {});
  throw isBusy()
    ? new CaromError('CAROM_POOL_TIMEOUT', `no connection of the pool was free within ${limit} ms`)
    : new CaromError('CAROM_CONNECT_TIMEOUT', `no connection was made within ${limit} ms`);
}
