/** A clock and chance for tests: time that moves when told to, chance that repeats. */
import type { Clock, Millis, Random } from './clock.js';

// Held from the start, so that a test's fake timers do not freeze the clock's own turns.
const turn = setImmediate;

interface Timer {
  readonly at: Millis;
  readonly callback: () => void;
}

/** A clock that stands still until a test advances it. */
export class ManualClock implements Clock {
  #now: Millis;
  readonly #timers: Set<Timer> = new Set();

  constructor(now: Millis = 0) {
    this.#now = now;
  }

  now(): Millis {
    return this.#now;
  }

  after(delay: Millis, callback: () => void): () => void {
    const timer: Timer = { at: this.#now + Math.max(0, delay), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Timers that have not fired. */
  get pending(): number {
    return this.#timers.size;
  }

  /**
   * Moves time on by `ms`, firing what falls due in order; between two timers everything that
   * waits for the first has run.
   */
  async advance(ms: Millis): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    for (let timer = this.#due(until); timer !== undefined; timer = this.#due(until)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.callback();
      await this.settle();
    }
    this.#now = until;
  }

  /** One turn of the event loop: every promise job queued so far has run. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      turn(resolve);
    });
  }

  #due(until: Millis): Timer | undefined {
    let next: Timer | undefined;
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
