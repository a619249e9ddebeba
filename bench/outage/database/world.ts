/** The world of a Postgres that is written to: a pool of `pg` in front of it, and a ledger behind it. */
import type { Millis, Random } from '@carom/core';
import pg from 'pg';
import type { Phase } from '../scenarios.js';
import type { VirtualClock } from '../virtual-clock.js';
import type { Audit, Listener, Told, World } from '../world.js';
import { clientOf } from './client.js';
import { Database } from './database.js';
import { events } from './events.js';
import type { MakeUnitPlayer, Settings } from './players.js';
import { replaceSystemClock } from './time.js';
import { unitOf } from './units.js';

/** Places of the pool. */
const places = 20;

/** What asks whether a COMMIT was done may hang for so long when the network comes back, in ms. */
const longestLook: Millis = 2_000;

export function databaseWorld(
  make: MakeUnitPlayer,
  { clock, chance, random }: { clock: VirtualClock; chance: Random; random: Random },
  { attempted, opened }: Listener,
  settings?: Settings,
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
  const restore = replaceSystemClock(clock);
  const player = make({ clock, random }, pool, opened, settings);
  let phase: Phase | undefined;
  /** Those of whom it was left open when it could have been found out again. */
  const late = new Set<number>();
  const isLate = (error: unknown): boolean =>
    player.isUnknown(error) && clock.now() > database.network.backSince + longestLook;
  return {
    async shot(nth) {
      try {
        return await player.play(unitOf(nth, phase, chance));
      } catch (error) {
        if (isLate(error)) late.add(nth);
        throw error;
      }
    },
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
      ...compare(told, database, late),
      conflicts: database.locks.deadlocks + database.serializable.refused,
      connections,
      connectionsLeft: database.network.routes.size - pool.totalCount,
      placesLeft: pool.totalCount - pool.idleCount,
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
  late: ReadonlySet<number>,
): Pick<Audit, 'duplicates' | 'lies' | 'needless'> {
  const count = (units: Iterable<number>, is: (unit: number) => boolean): number =>
    [...units].filter(is).length;
  return {
    duplicates: count(applied.keys(), (unit) => (applied.get(unit) ?? 0) > 1),
    lies: count(done, (unit) => !applied.has(unit)) + count(failed, (unit) => applied.has(unit)),
    needless: count(unknown, (unit) => !caught.has(unit) || late.has(unit)),
  };
}
