/** A bounce is a retry: the same shot, played again. `Bounce` builds its options word by word. */
import type { Millis } from '../clock.js';
import { aFunction, invalid } from '../invalid.js';
import type { StrategyOptions } from '../options.js';

/**
 * Retry options in the fluent form. Each word returns a new value; the old one stays as it was.
 *
 *     Bounce.times(3).withDelay(100).withTimeout(5_000).when(isTransient)
 */
export class Bounce {
  /** The plain form of the same options. */
  readonly options: StrategyOptions;

  private constructor(options: StrategyOptions) {
    this.options = Object.freeze(options);
  }

  /** Bounces at most `retries` times: `retries + 1` attempts. */
  static times(retries: number): Bounce {
    return new Bounce({ retries });
  }

  /** The first delay in ms, grown with decorrelated jitter. Default 100. */
  withDelay(baseDelay: Millis): Bounce {
    return this.#and({ baseDelay });
  }

  /** No delay is longer than this, in ms. Default 30,000. */
  withMaxDelay(maxDelay: Millis): Bounce {
    return this.#and({ maxDelay });
  }

  /** The plain exponential delay, without chance. */
  withoutJitter(): Bounce {
    return this.#and({ jitter: false });
  }

  /** The hard limit for the whole shot in ms, bounces included. Default: none. */
  withTimeout(timeout: Millis): Bounce {
    return this.#and({ timeout });
  }

  /** The limit for each attempt in ms. Default: none. */
  withAttemptTimeout(attemptTimeout: Millis): Bounce {
    return this.#and({ attemptTimeout });
  }

  /**
   * Bounces only where `predicate` says so.
   * @throws {InvalidOptionError} when it is not a function.
   */
  when(predicate: (error: unknown) => boolean): Bounce {
    const allowed = aFunction(predicate);
    if (allowed !== undefined) throw invalid('shouldBounce', predicate, allowed);
    return this.#and({ shouldBounce: (error: unknown): boolean => Boolean(predicate(error)) });
  }

  #and(more: StrategyOptions): Bounce {
    return new Bounce({ ...this.options, ...more });
  }
}
