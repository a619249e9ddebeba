/** What a pool holds: of `pg`, and of tarn, which Knex has. */
import type { EventEmitter } from 'node:events';
import type pg from 'pg';
import type { Slots } from './subject.js';

const listenersOf = (clients: readonly EventEmitter[]): number =>
  clients
    .flatMap((client) => client.eventNames().map((name) => client.listenerCount(name)))
    .reduce((sum, count) => sum + count, 0);

export function slotsOfPg(pool: pg.Pool): Slots {
  const idle = (pool as unknown as { _idle: { client: EventEmitter }[] })._idle;
  return {
    used: pool.totalCount - pool.idleCount,
    free: pool.idleCount,
    waiting: pool.waitingCount,
    listeners: listenersOf(idle.map(({ client }) => client)),
  };
}

/** tarn's. */
export interface TarnPool {
  readonly free: readonly { readonly resource: EventEmitter }[];
  numUsed(): number;
  numPendingAcquires(): number;
  numPendingCreates(): number;
}

export function slotsOfTarn(pool: TarnPool): Slots {
  return {
    used: pool.numUsed() + pool.numPendingCreates(),
    free: pool.free.length,
    waiting: pool.numPendingAcquires(),
    listeners: listenersOf(pool.free.map(({ resource }) => resource)),
  };
}
