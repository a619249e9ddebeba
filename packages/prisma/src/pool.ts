/** The pool behind a Prisma client is its adapter's: Carom finds it, to watch it and to throw bad connections away. */
import { processWide } from '@carom/core';
import {
  type Boundable,
  boundPool,
  connectLike,
  drainPool,
  type Execution,
  keepVigil,
  type Places,
  placesOf,
  tellRoom,
  watchPool,
} from '@carom/postgres';
import { type Adapter, type Factory, isPool, type Pool } from './driver.js';
import { adapterOf, externalPoolOf, rootOf } from './internals.js';
import { watchAdapter } from './wire.js';

/** The pools that are in use, by adapter factory. */
const pools: WeakMap<object, Set<Pool>> = processWide('prisma-pools', () => new WeakMap());
/** The pool that each has connected last. */
const latest: WeakMap<object, Pool> = processWide('prisma-latest-pools', () => new WeakMap());
/** Of an execution, what concerns waiting. */
type Waits = Pick<Execution, 'connectPatience' | 'silence' | 'room'>;

/** How long clients wait, by adapter factory. */
const waits: WeakMap<object, Waits> = processWide('prisma-waits', () => new WeakMap());
const guarded: WeakSet<object> = processWide('prisma-guarded-pools', () => new WeakSet());

/** Whether what the adapter factory connects is watched. */
export function isWatched(factory: object): boolean {
  return pools.has(factory);
}

/** Remembers the factory, and makes a `connect` of it that watches what it connects. */
export function watchFactory(factory: object, connect: () => Promise<Adapter>): Factory['connect'] {
  const known = new Set<Pool>();
  pools.set(factory, known);
  const external = externalPoolOf(factory);
  if (isPool(external)) remember(factory, external);
  return async () => {
    const adapter = await connect();
    const pool = adapter.underlyingDriver?.();
    for (const each of known) if (each.ending === true) known.delete(each);
    if (isPool(pool)) {
      remember(factory, pool);
      const { connectPatience, silence, room } = waits.get(factory) ?? {};
      if (room !== undefined) tellRoom(pool, room);
      boundPool(pool as Boundable, connectPatience);
      if (silence !== false) keepVigil(pool, { connect: connectLike(pool), silence });
    }
    watchAdapter(adapter, isPool(pool) ? pool : undefined, waits.get(factory)?.room);
    return adapter;
  };
}

/**
 * Watches what the adapter factory of a client connects from now on, where `caromAdapter` does not yet. A client that was used
 * before it was extended is played unwatched: what could be told apart is of unknown outcome then.
 */
export function watchPools(client: unknown): void {
  const factory = adapterOf(client) as Partial<Factory> | undefined;
  if (factory === undefined || isWatched(factory)) return;
  const { connect } = factory;
  if (typeof connect !== 'function' || !Object.isExtensible(factory)) return;
  factory.connect = watchFactory(factory, () => connect.call(factory as Factory));
}

/** The pool of a factory, if it has connected. */
export function poolOf(factory: object): Pool | undefined {
  return latest.get(factory);
}

/** Whether all that the factory has connected was ended, by whoever. */
export function isEnded(factory: object): boolean {
  const known = [...(pools.get(factory) ?? [])];
  return known.length > 0 && known.every((pool) => pool.ending === true);
}

const allPlaces: WeakMap<object, Places> = processWide('prisma-places', () => new WeakMap());

/** The places of whatever pool a client's factory has connected last: the same object for all extensions of that client. */
export function placesOfClient(client: unknown): Places | undefined {
  const [factory, root] = [adapterOf(client), rootOf(client)];
  if (factory === undefined || root === undefined) return undefined;
  let places = allPlaces.get(root);
  if (places === undefined) {
    places = placesOfLatest(factory);
    allPlaces.set(root, places);
  }
  return places;
}

function placesOfLatest(factory: object): Places {
  let known: Pool | undefined;
  let places: Places = none;
  // Asked for at each statement: made once for each pool.
  const now = (): Places => {
    const pool = latest.get(factory);
    if (pool !== known) {
      known = pool;
      places = pool === undefined ? none : placesOf(pool);
    }
    return places;
  };
  return {
    get idle() {
      return now().idle;
    },
    get lent() {
      return now().lent;
    },
    get connecting() {
      return now().connecting;
    },
    get max() {
      return now().max;
    },
  };
}

const none: Places = { idle: 0, lent: 0, connecting: 0, max: Number.POSITIVE_INFINITY };

/** Where and how long to wait for a connection, and for an answer, on what the client connects from now on. */
export function setWaits(client: unknown, { connectPatience, silence, room }: Waits): void {
  const factory = adapterOf(client);
  if (factory !== undefined) waits.set(factory, { connectPatience, silence, room });
}

/** Destroys the connections of a client, because of what `connection` met: after a failover they lead to the wrong server. */
export function drainPools(client: unknown, connection: object | undefined): void {
  const factory = adapterOf(client);
  if (factory === undefined) return;
  for (const pool of pools.get(factory) ?? []) drainPool(pool, connection);
}

function remember(factory: object, pool: Pool): void {
  pools.get(factory)?.add(guard(pool));
  latest.set(factory, pool);
}

/** The adapter listens to a pool that is not its own only between its first use and `$disconnect`. */
function guard(pool: Pool): Pool {
  if (guarded.has(pool)) return pool;
  guarded.add(pool);
  watchPool(pool);
  return pool;
}
