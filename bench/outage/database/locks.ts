/** The locks of the simulated Postgres: on rows, and on tokens that are not committed yet; first come, first served. */
import type { Millis } from '@carom/core';
import type { VirtualClock } from '../virtual-clock.js';
import { said } from './errors.js';

/** So long a session waits before it looks whether it waits for itself, in ms, as on the servers of `npm run outage`. Default of PostgreSQL: 1,000. */
const deadlockTimeout: Millis = 50;

/** Who has locks, and waits for them. */
export type Holder = object;

interface Waiter {
  readonly holder: Holder;
  granted(): void;
  refused(error: Error): void;
}

/** How long to wait at most, and with what it is refused then: 55P03 or 57014. */
interface Limit {
  readonly time: Millis;
  readonly code: string;
}

interface Lock {
  holder: Holder;
  readonly waiters: Waiter[];
}

export class Locks {
  readonly #clock: VirtualClock;
  readonly #locks: Map<string, Lock> = new Map();
  /** For which lock each of those waits that wait. */
  readonly #waiting: Map<Holder, Lock> = new Map();
  /** How many were chosen to give way. */
  deadlocks = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Calls `granted` when the lock is the holder's; refuses it with 40P01 who waits for itself, and when the time is over. */
  acquire(key: string, waiter: Waiter, limit?: Limit): void {
    const lock = this.#locks.get(key);
    if (lock === undefined) this.#locks.set(key, { holder: waiter.holder, waiters: [] });
    if (lock === undefined || lock.holder === waiter.holder) {
      waiter.granted();
      return;
    }
    lock.waiters.push(waiter);
    this.#waiting.set(waiter.holder, lock);
    this.#after(deadlockTimeout, lock, waiter, () => this.#waitsForItself(waiter.holder), '40P01');
    if (limit !== undefined) this.#after(limit.time, lock, waiter, () => true, limit.code);
  }

  /** Whom it waits for. */
  blocker(holder: Holder): Holder | undefined {
    return this.#waiting.get(holder)?.holder;
  }

  /** Its transaction is over: whoever waits for what it had comes next, and it waits for nothing. */
  release(holder: Holder): void {
    const waited = this.#waiting.get(holder);
    if (waited !== undefined) this.#leave(waited, holder);
    for (const [key, lock] of this.#locks) {
      if (lock.holder !== holder) continue;
      const next = lock.waiters.shift();
      if (next === undefined) {
        this.#locks.delete(key);
        continue;
      }
      lock.holder = next.holder;
      this.#waiting.delete(next.holder);
      next.granted();
    }
  }

  #after(delay: Millis, lock: Lock, waiter: Waiter, is: () => boolean, code: string): void {
    this.#clock.at(this.#clock.now() + delay, () => {
      if (!lock.waiters.includes(waiter) || !is()) return;
      if (code === '40P01') this.deadlocks += 1;
      this.#leave(lock, waiter.holder);
      waiter.refused(said(code));
    });
  }

  #leave(lock: Lock, holder: Holder): void {
    this.#waiting.delete(holder);
    const place = lock.waiters.findIndex((waiter) => waiter.holder === holder);
    if (place !== -1) lock.waiters.splice(place, 1);
  }

  #waitsForItself(holder: Holder): boolean {
    const seen = new Set<Holder>();
    let next = this.blocker(holder);
    while (next !== undefined && next !== holder && !seen.has(next)) {
      seen.add(next);
      next = this.blocker(next);
    }
    return next === holder;
  }
}
