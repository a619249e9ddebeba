/** A bounce is a retry: the same shot, played again. `Bounce` builds its options word by word. */
import type { Millis } from '../clock.js';
import { aFunction, type Check, demand } from '../invalid.js';
import { atOnce } from '../listener.js';
import type { StrategyOptions } from '../options.js';
import type { VerdictKind } from '../verdict.js';

/** A class whose instances are thrown. */
export type ErrorClass = abstract new (...args: never) => unknown;

const aClass: Check = (value) => {
  try {
    // Throws for what there can be no instances of, an arrow function say.
    void ({} instanceof (value as ErrorClass));
    return undefined;
  } catch {
    return 'a class';
  }
};

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
   * Bounces only where `predicate` says `true`, or another `when` or `on` of the same value.
   * @throws {InvalidOptionError} when it is not a function.
   */
  when(predicate: (error: unknown) => boolean): Bounce {
    demand('shouldBounce', predicate, aFunction);
    const { shouldBounce: before } = this.options;
    return this.#and({
      shouldBounce: (error, attempt, verdict) =>
        atOnce(predicate(error)) === true || before?.(error, attempt, verdict) === true,
    });
  }

  /**
   * Bounces only on errors of these classes, or where another `when` or `on` of the same value says so.
   * @throws {InvalidOptionError} when one is not a class.
   */
  on(...classes: readonly ErrorClass[]): Bounce {
    for (const one of classes) demand('on', one, aClass);
    return this.when((error) => classes.some((one) => error instanceof one));
  }

  /**
   * Bounces on results too that `predicate` does not take for success: `true`, or the kind of failure.
   * @throws {InvalidOptionError} when it is not a function.
   */
  whenResult(predicate: (value: unknown) => boolean | VerdictKind): Bounce {
    demand('whenResult', predicate, aFunction);
    return this.#and({ whenResult: (value) => predicate(value) });
  }

  #and(more: StrategyOptions): Bounce {
    return new Bounce({ ...this.options, ...more });
  }
}
