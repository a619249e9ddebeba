/** A clock is the one door through which time and chance come in; only this file opens it. */
import { onAbort } from './cancellation.js';

/** A duration or an instant in milliseconds. */
export type Millis = number;

/** A source of chance: a number in [0, 1), like `Math.random`. */
export type Random = () => number;

/** A source of time. Inject one and nothing waits for real. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): Millis;
  /**
   * Calls `callback` once, `delay` ms from now and never earlier by `now()`, unless the returned
   * function is called before. A delay of `Infinity` never ends.
   */
  after(delay: Millis, callback: () => void): () => void;
}

/** The longest timer that Node holds; a longer one would fire at once. */
const longest: Millis = 2 ** 31 - 1;

/** The real clock. Its timers keep the process alive: somebody awaits what they wake. */
export const systemClock: Clock = {
  now: (): Millis => performance.now(),
  after(delay: Millis, callback: () => void): () => void {
    const due = performance.now() + delay;
    let timer: NodeJS.Timeout;
    const arm = (left: Millis): void => {
      timer = setTimeout(ring, Math.min(Math.ceil(left), longest));
    };
    const ring = (): void => {
      // Node counts whole milliseconds, and may be a fraction of one early.
      const left = due - performance.now();
      if (left > 0) arm(left);
      else callback();
    };
    arm(delay);
    return (): void => clearTimeout(timer);
  },
};

/** Real chance. */
export const systemRandom: Random = (): number => Math.random();

/**
 * Resolves after `delay` ms; rejects with the signal's reason as soon as it aborts.
 * A delay that is not positive resolves in the same turn, without a timer.
 */
export function sleep(clock: Clock, delay: Millis, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason as Error);
  if (delay <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const cancel = clock.after(delay, () => {
      leave();
      resolve();
    });
    const leave = onAbort(signal, () => {
      cancel();
      reject(signal?.reason as Error);
    });
  });
}
