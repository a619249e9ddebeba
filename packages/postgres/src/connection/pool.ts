/** A pool of `pg` connections, as far as every adapter needs it: watched, so that nothing ends the process, and drained. */
import { processWide } from '@carom/core';
import { type WatchableClient, watchClient } from './completion.js';
import { generationsOf } from './generation.js';
import { Vigil, type VigilSettings, type Watched } from './vigil.js';

/** What is needed of a client of the pool. */
export interface PooledClient extends WatchableClient, Watched {
  end(): Promise<unknown>;
}

/** What is needed of a `pg.Pool`. */
export interface WatchablePool {
  readonly idleCount: number;
  connect(): Promise<{ release(destroy: boolean): void }>;
  on(event: 'error', listener: () => void): unknown;
  on(event: 'connect' | 'acquire', listener: (client: PooledClient) => void): unknown;
  on(event: 'release', listener: (error: unknown, client: PooledClient) => void): unknown;
}

const vigils: WeakSet<object> = processWide('vigils', () => new WeakSet());
/** The clients of each watched pool that somebody has. */
const lent: WeakMap<object, Set<Watched>> = processWide('lent-clients', () => new WeakMap());

/**
 * Makes sure that no connection of the pool can end the process, idle or checked out. A client is
 * watched from before it is handed out: a FATAL may come in the same packet that makes it ready, when
 * the pool's own listener is off and nobody else's is on yet.
 */
export function watchPool(pool: WatchablePool): void {
  if (lent.has(pool)) return;
  const generations = generationsOf(pool);
  pool.on('error', () => {});
  pool.on('connect', (client) => generations.born(client));
  const out = new Set<Watched>();
  lent.set(pool, out);
  pool.on('acquire', (client) => {
    out.add(client);
    watchClient(client);
  });
  // The pool forgets a client that is ending when it is released. Whoever had it was busy when the pool was drained.
  pool.on('release', (_error, client) => {
    out.delete(client);
    if (generations.isOld(client)) client.end().catch(() => {});
  });
}

/** Keeps a vigil over the statements of all who have a client of the pool, and no second one. */
export function keepVigil(
  pool: WatchablePool,
  settings: Omit<VigilSettings, 'lent' | 'drain'>,
): void {
  const out = lent.get(pool);
  if (out === undefined || vigils.has(pool)) return;
  vigils.add(pool);
  const vigil = new Vigil({
    ...settings,
    lent: () => out,
    drain: (client) => drainPool(pool, client),
  });
  pool.on('acquire', () => vigil.begin());
}

/** Whether all the connections that the pool may have are at work for somebody. */
export function isPoolBusy(pool: object): boolean {
  const { options } = pool as { readonly options?: { readonly max?: unknown } };
  return (lent.get(pool)?.size ?? 0) >= Number(options?.max ?? 1);
}

/**
 * Destroys the connections that were made until now, because of what `client` met: after a failover they lead to the wrong
 * server. Idle ones at once, busy ones when they are released; once, however many of them meet the same.
 */
export function drainPool(pool: WatchablePool, client?: object): void {
  if (!generationsOf(pool).next(client)) return;
  for (let idle = pool.idleCount; idle > 0; idle--) {
    pool.connect().then(
      (it) => it.release(true),
      () => {}, // It is gone already, which is what was wanted.
    );
  }
}
