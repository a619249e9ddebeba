/** The world of a Postgres that is written to: a pool of `pg` in front of it, and a ledger behind it. */
import type { Random } from '@carom/core';
import pg from 'pg';
import type { Phase } from '../scenarios.js';
import type { VirtualClock } from '../virtual-clock.js';
import type { Audit, Listener, Told, World } from '../world.js';
import { clientOf } from './client.js';
import { Database } from './database.js';
import { events } from './events.js';
import type { MakeUnitPlayer, Unit } from './players.js';
import { replaceSystemClock } from './time.js';

/** Places of the pool. */
const places = 20;

/** The rows that all write where it is hot, in either order. */
const hotRows: readonly number[] = [1, 2];

export function databaseWorld(
  make: MakeUnitPlayer,
  { clock, chance, random }: { clock: VirtualClock; chance: Random; random: Random },
  { attempted, opened }: Listener,
): World {
  let connections = 0;
  const database = new Database(clock, chance, attempted);
  const connecting = (): void => {
    connections += 1;
    attempted();
  };
  const pool = new pg.Pool({
    ...{ host: 'simulation', database: 'simulation', max: places, idleTimeoutMillis: 0 },
    Client: clientOf(database, connecting) as unknown as new () => pg.Client,
  });
  // A limit of its own would be kept by the real clock, whatever time it is here.
  Object.freeze(pool.options);
  const restore = replaceSystemClock(clock);
  const player = make({ clock, random }, pool, opened);
  let phase: Phase | undefined;
  const unit = (nth: number): Unit => {
    if (phase?.way !== 'hot') return { nth, rows: [] };
    return { nth, rows: chance() < 0.5 ? hotRows : [...hotRows].reverse() };
  };
  return {
    shot: (nth) => player.play(unit(nth)),
    isUnknown: (error) => player.isUnknown(error),
    become(next) {
      phase = next;
      if (next.event !== undefined) events[next.event](database);
      const { endsEvery } = next;
      const endOne = (): void => {
        if (phase !== next || endsEvery === undefined) return;
        database.endOne();
        database.later(endsEvery, endOne);
      };
      endOne();
    },
    audit: (told) => ({
      ...compare(told, database),
      connections,
      connectionsLeft: database.sessions.size - pool.totalCount,
    }),
    close() {
      player.close();
      restore();
    },
  };
}

function compare(
  { done, failed, unknown }: Told,
  { applied, caught }: Database,
): Pick<Audit, 'duplicates' | 'lies' | 'needless'> {
  const count = (units: Iterable<number>, is: (unit: number) => boolean): number =>
    [...units].filter(is).length;
  return {
    duplicates: count(applied.keys(), (unit) => (applied.get(unit) ?? 0) > 1),
    lies: count(done, (unit) => !applied.has(unit)) + count(failed, (unit) => applied.has(unit)),
    needless: count(unknown, (unit) => !caught.has(unit)),
  };
}
