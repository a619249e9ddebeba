/** A clock and chance for tests: time that moves when told to, chance that repeats. */
import type { Clock, Millis, Random, Timer } from './clock.js';

// Held from the start, so that a test's fake timers do not freeze the clock's own turns.
const turn = setImmediate;

// Nothing of the core's is shared with this entry, or each process would load a file more.
const waitOf = (delay: Millis): Millis => (delay > 0 ? delay : 0);

function demand(name: string, value: unknown, from: Millis, allowed: string): void {
  if (typeof value === 'number' && value >= from && value < Number.POSITIVE_INFINITY) return;
  throw new RangeError(`\`${name}\` is ${String(value)}; allowed: ${allowed}`);
}

class ManualTimer implements Timer {
  readonly at: Millis;
  readonly ring: () => void;
  readonly #timers: Set<ManualTimer>;
  /** Whether somebody waits for it. */
  held = true;

  constructor(at: Millis, ring: () => void, timers: Set<ManualTimer>) {
    this.at = at;
    this.ring = ring;
    this.#timers = timers;
    timers.add(this);
  }

  cancel(): void {
    this.#timers.delete(this);
  }

  ref(): void {
    this.held = true;
  }

  unref(): void {
    this.held = false;
  }
}

/** A clock that stands still until a test advances it. */
export class ManualClock implements Clock {
  #now: Millis;
  readonly #timers: Set<ManualTimer> = new Set();

  /**
   * @param now where it begins, in ms; before 0 too, since only differences mean anything.
   * @throws {RangeError} when that is no finite number.
   */
  constructor(now: Millis = 0) {
    demand('now', now, Number.MIN_SAFE_INTEGER, 'a finite number');
    this.#now = now;
  }

  now(): Millis {
    return this.#now;
  }

  after(delay: Millis, callback: () => void): Timer {
    return new ManualTimer(this.#now + waitOf(delay), callback, this.#timers);
  }

  /** Time moves on at once, and no timer fires meanwhile: a blocked thread hears none. */
  block(delay: Millis): void {
    this.#now += waitOf(delay);
  }

  /** Timers that have not fired and that somebody waits for: those that would keep a process alive. */
  get pending(): number {
    let pending = 0;
    for (const timer of this.#timers) if (timer.held) pending += 1;
    return pending;
  }

  /**
   * Moves time on by `ms`, firing what falls due in order; between two timers everything that
   * waits for the first has run.
   * @throws {RangeError} when `ms` is no finite number, or less than 0.
   */
  async advance(ms: Millis): Promise<void> {
    demand('ms', ms, 0, 'a number of milliseconds from 0');
    const until = this.#now + ms;
    await this.settle();
    for (let timer = this.#due(until); timer !== undefined; timer = this.#due(until)) {
      timer.cancel();
      this.#now = Math.max(this.#now, timer.at);
      timer.ring();
      await this.settle();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** One turn of the event loop: every promise job queued so far has run. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      turn(resolve);
    });
  }

  #due(until: Millis): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= until && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }
}

/** A seeded source of chance (mulberry32, public domain): the same seed, the same numbers. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
