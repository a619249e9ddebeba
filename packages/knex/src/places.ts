/** The places of Knex's pool, tarn or one that it was given; `initialize` makes another. */
import { type Places, placesOf, tellRoom, type WaitingRoom } from '@carom/postgres';
import { isPool } from './drain.js';
import type { ConnectionPool, KnexClient } from './internals.js';

/** The pools whose room hears of what becomes free. */
const told: WeakMap<WaitingRoom, object> = new WeakMap();

const allPlaces: WeakMap<KnexClient, Places> = new WeakMap();

/** Those of the client's pool of the moment: the same object whoever asks. */
export function placesOfKnex(client: KnexClient): Places {
  const { connectionPool: foreign } = client.config;
  if (isPool(foreign)) return placesOf(foreign);
  let places = allPlaces.get(client);
  if (places === undefined) {
    places = placesOfTarn(client);
    allPlaces.set(client, places);
  }
  return places;
}

function placesOfTarn(client: KnexClient): Places {
  return {
    get idle() {
      return client.pool?.free?.length ?? 0;
    },
    get lent() {
      return client.pool?.used?.length ?? 0;
    },
    get connecting() {
      return client.pool?.pendingCreates?.length ?? 0;
    },
    get max() {
      return client.pool?.max ?? Number.POSITIVE_INFINITY;
    },
  };
}

/** Has those who wait for a connection hear of what becomes free in the pool of the moment, and of what is made. */
export function tellOfPool(client: KnexClient, room: WaitingRoom): void {
  const { connectionPool: foreign } = client.config;
  const pool = isPool(foreign) ? foreign : client.pool;
  if (pool === undefined || told.get(room) === pool) return;
  told.set(room, pool);
  tell(pool, room);
}

// Apart, since what its closures remember is allocated where it is called.
function tell(pool: object, room: WaitingRoom): void {
  if (isPool(pool)) tellRoom(pool, room);
  else {
    const tarn = pool as ConnectionPool;
    tarn.on?.('release', () => room.freed());
    tarn.on?.('createSuccess', () => room.made());
  }
}
