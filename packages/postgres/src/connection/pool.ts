/** A pool of `pg` connections, as far as every adapter needs it: watched, so that nothing ends the process, and drained. */
import { processWide } from '@carom/core';
import { type WatchableClient, watchClient } from './completion.js';

/** What is needed of a `pg.Pool`. */
export interface WatchablePool {
  readonly idleCount: number;
  connect(): Promise<{ release(destroy: boolean): void }>;
  on(event: 'error', listener: () => void): unknown;
  on(event: 'acquire', listener: (client: WatchableClient) => void): unknown;
}

const watched: WeakSet<object> = processWide('watched-pools', () => new WeakSet());

/**
 * Makes sure that no connection of the pool can end the process, idle or checked out. A client is
 * watched from before it is handed out: a FATAL may come in the same packet that makes it ready, when
 * the pool's own listener is off and nobody else's is on yet.
 */
export function watchPool(pool: WatchablePool): void {
  if (watched.has(pool)) return;
  watched.add(pool);
  pool.on('error', () => {});
  pool.on('acquire', watchClient);
}

/** Destroys the idle connections: after a failover they lead to the wrong server. */
export function drainPool(pool: WatchablePool): void {
  for (let idle = pool.idleCount; idle > 0; idle--) {
    pool.connect().then(
      (client) => client.release(true),
      () => {}, // It is gone already, which is what was wanted.
    );
  }
}
