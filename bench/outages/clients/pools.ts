/** What can be counted of a `pg.Pool` from outside. */
import type { EventEmitter } from 'node:events';
import type { Pool } from 'pg';

/** Connections lent out, and callers who wait for one. */
export const slotsOf = ({ totalCount, idleCount, waitingCount }: Pool): number =>
  totalCount - idleCount + waitingCount;

export function listenersOf(emitter: EventEmitter): number {
  return emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
}
