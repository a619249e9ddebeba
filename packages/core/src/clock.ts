/** A clock is the one door through which time and chance come in; only this file opens it. */
import { onAbort } from './cancellation.js';

/** A duration or an instant in milliseconds. */
export type Millis = number;

/** A source of chance: a number in [0, 1), like `Math.random`. */
export type Random = () => number;

/** What a clock was asked to do later. */
export interface Timer {
  /** It will not happen; harmless when it has. */
  cancel(): void;
  /** Somebody waits for it: it keeps the process alive, as every timer does at first. */
  ref(): void;
  /** Nobody waits for it now: it does not keep the process alive. */
  unref(): void;
}

/** A source of time. Inject one and nothing waits for real. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): Millis;
  /**
   * Calls `callback` once, `delay` ms from now and never earlier by `now()`, unless the timer is
   * cancelled before. A delay of `Infinity` never ends.
   */
  after(delay: Millis, callback: () => void): Timer;
  /** Blocks the whole thread for so long: the delay of a synchronous shot. */
  block(delay: Millis): void;
}

/** Longer than anything. */
export const endless: Millis = Number.POSITIVE_INFINITY;

/** The longest timer that Node holds; a longer one would fire at once. */
const longest: Millis = 2 ** 31 - 1;

/** What is no number is due: a timer that waited for it would wait for ever. */
function waitOf(delay: Millis): Millis {
  return delay > 0 ? delay : 0;
}

class SystemTimer implements Timer {
  readonly #due: Millis;
  readonly #callback: () => void;
  #timeout: NodeJS.Timeout;

  constructor(delay: Millis, callback: () => void) {
    const wait = waitOf(delay);
    this.#due = now() + wait;
    this.#callback = callback;
    this.#timeout = this.#arm(wait);
  }

  cancel(): void {
    clearTimeout(this.#timeout);
  }

  ref(): void {
    this.#timeout.ref();
  }

  unref(): void {
    this.#timeout.unref();
  }

  #arm(left: Millis): NodeJS.Timeout {
    return setTimeout(ring, Math.min(Math.ceil(Math.max(0, left)), longest), this);
  }

  ring(): void {
    // Node counts whole milliseconds, and may be a fraction of one early.
    const left = this.#due - now();
    if (left <= 0) {
      this.#callback();
      return;
    }
    const held = this.#timeout.hasRef();
    this.#timeout = this.#arm(left);
    if (!held) this.#timeout.unref();
  }
}

/** One function for all timers: a closure for each is half of what a timer costs. */
function ring(timer: SystemTimer): void {
  timer.ring();
}

const realTimers = setTimeout;
let held: typeof performance | undefined;

/** Node has `performance` behind a getter, which takes half as long as the look at it. Who fakes timers replaces both. */
function now(): Millis {
  if (setTimeout !== realTimers) return performance.now();
  held ??= performance;
  return held.now();
}

/** The real clock. */
export const systemClock: Clock = {
  now,
  after: (delay: Millis, callback: () => void): Timer => new SystemTimer(delay, callback),
  block(delay: Millis): void {
    if (delay > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, delay);
  },
};

/** Real chance. */
export const systemRandom: Random = (): number => Math.random();

/** A number of `random`, or a real one where that is none from 0 to 1: all that waits by chance would wait for ever, or not at all. */
export function chanceOf(random: Random): number {
  const chance = random();
  return chance >= 0 && chance <= 1 ? chance : systemRandom();
}

/**
 * Resolves after `delay` ms; rejects with the signal's reason as soon as it aborts.
 * A delay that is not positive, `NaN` too, resolves in the same turn, without a timer.
 */
export function sleep(clock: Clock, delay: Millis, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason as Error);
  if (!(delay > 0)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const timer = clock.after(delay, () => {
      leave();
      resolve();
    });
    const leave = onAbort(signal, () => {
      timer.cancel();
      reject(signal?.reason as Error);
    });
  });
}
