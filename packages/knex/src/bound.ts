/** Bounds on connecting: tarn gives a place up whose connection is not made in time, and leaves the socket to itself. */
import type { KnexClient } from './internals.js';

/** How long tarn waits for a connection to be made, in ms, where nobody says. */
const createTimeout = 30_000;

/** Has `pg` end a connection that is not made in time; a limit that the connection's settings have stays. */
export function boundConnecting(
  { connectionSettings: settings, pool }: KnexClient,
  limit: number = pool?.createTimeoutMillis ?? createTimeout,
): void {
  if (settings && !Object.isFrozen(settings)) settings.connectionTimeoutMillis ??= limit;
}

/** Whether all the connections that the pool may have are at work. */
export function isBusy({ pool }: KnexClient): boolean {
  return pool?.used !== undefined && pool.used.length >= (pool.max ?? 1);
}
