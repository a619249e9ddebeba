/** A pool of `pg` connections, as far as every adapter needs it: watched, so that nothing ends the process, and drained. */
import { processWide } from '@carom/core';
import { type WatchableClient, watchClient } from './completion.js';
import { generationsOf } from './generation.js';
import { Lent } from './lent.js';
import type { Places } from './places.js';
import { Vigil, type VigilSettings, type Watched } from './vigil.js';
import type { WaitingRoom } from './waiting-room.js';

/** What is needed of a client of the pool. */
export interface PooledClient extends WatchableClient, Watched {
  end(): Promise<unknown>;
}

/** What is needed of a `pg.Pool`. */
export interface WatchablePool {
  readonly idleCount: number;
  readonly totalCount: number;
  connect(): Promise<{ release(destroy: boolean): void }>;
  on(event: 'error', listener: () => void): unknown;
  on(event: 'connect' | 'acquire', listener: (client: PooledClient) => void): unknown;
  on(event: 'release', listener: (error: unknown, client: PooledClient) => void): unknown;
}

/** What is known of a watched pool. */
interface Watch {
  /** The clients that somebody has. */
  readonly lent: Lent<Watched>;
  vigil: Vigil | undefined;
  /** Where connections of the pool are waited for. */
  readonly rooms: WaitingRoom[];
}

const watches: WeakMap<object, Watch> = processWide('watched-pools', () => new WeakMap());

/**
 * Makes sure that no connection of the pool can end the process, idle or checked out. A client is
 * watched from before it is handed out: a FATAL may come in the same packet that makes it ready, when
 * the pool's own listener is off and nobody else's is on yet.
 */
export function watchPool(pool: WatchablePool): void {
  if (watches.has(pool)) return;
  const generations = generationsOf(pool);
  pool.on('error', () => {});
  const watch: Watch = { lent: new Lent(), vigil: undefined, rooms: [] };
  watches.set(pool, watch);
  // One listener of each: a second would have the emitter copy the list of them each time.
  pool.on('connect', (client) => {
    generations.born(client);
    each(watch.rooms, 'made');
  });
  pool.on('acquire', (client) => {
    watch.lent.add(client);
    watchClient(client);
    watch.vigil?.begin();
  });
  // The pool forgets a client that is ending when it is released. Whoever had it was busy when the pool was drained.
  pool.on('release', (_error, client) => {
    watch.lent.delete(client);
    if (generations.isOld(client)) client.end().catch(() => {});
    each(watch.rooms, 'freed');
  });
}

/** Keeps a vigil over the statements of all who have a client of the pool, and no second one. */
export function keepVigil(
  pool: WatchablePool,
  settings: Omit<VigilSettings, 'lent' | 'drain'>,
): void {
  const watch = watches.get(pool);
  if (watch === undefined || watch.vigil !== undefined) return;
  watch.vigil = new Vigil({
    ...settings,
    lent: () => watch.lent,
    drain: (client) => drainPool(pool, client),
  });
}

const allPlaces: WeakMap<object, Places> = processWide('pool-places', () => new WeakMap());

/** The places of a `pg.Pool` that is watched: the same object whoever asks. */
export function placesOf(pool: WatchablePool): Places {
  let places = allPlaces.get(pool);
  if (places === undefined) {
    places = makePlaces(pool);
    allPlaces.set(pool, places);
  }
  return places;
}

function makePlaces(pool: WatchablePool): Places {
  const { options } = pool as { readonly options?: { readonly max?: unknown } };
  const out = watches.get(pool)?.lent;
  return {
    get idle() {
      return pool.idleCount;
    },
    get lent() {
      return out?.size ?? 0;
    },
    get connecting() {
      return pool.totalCount - pool.idleCount - (out?.size ?? 0);
    },
    get max() {
      return Number(options?.max ?? 1);
    },
  };
}

/** By index: an iterator would be weight on each statement. */
function each(rooms: readonly WaitingRoom[], tell: 'made' | 'freed'): void {
  for (let nth = 0; nth < rooms.length; nth++) rooms[nth]?.[tell]();
}

/** Has those who wait for a connection hear of what becomes free, and of what is made. */
export function tellRoom(pool: WatchablePool, room: WaitingRoom): void {
  const rooms = watches.get(pool)?.rooms;
  if (rooms?.includes(room) === false) rooms.push(room);
}

/** Whether all the connections that the pool may have are at work for somebody. */
export function isPoolBusy(pool: object): boolean {
  const { options } = pool as { readonly options?: { readonly max?: unknown } };
  return (watches.get(pool)?.lent.size ?? 0) >= Number(options?.max ?? 1);
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
