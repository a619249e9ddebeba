/** The options of a strategy, as the caller writes them; `engine/` validates and completes them. */
import type { Cushion } from './breaker/cushion.js';
import type { CushionOptions } from './breaker/rules.js';
import type { Clock, Millis, Random } from './clock.js';
import type { Gate } from './gate.js';
import type { Jitter } from './retry/backoff.js';
import type { Budget } from './retry/budget.js';
import type { Verdict, VerdictKind } from './verdict.js';
import type { Waiters } from './waiters.js';

/** What `onRetry` is told, before the delay. */
export interface RetryEvent {
  /** What the shot does, where it has a name: `order.create`. */
  readonly operation: string | undefined;
  /** The attempt that failed, from 1. */
  readonly attempt: number;
  /** The wait before the next attempt, in ms. */
  readonly delay: Millis;
  readonly error: unknown;
  readonly verdict: Verdict;
}

/** Options that make sense for one call as well as for all. */
export interface CallOptions {
  /** Bounces (retries) at most; contention is bounded by `patience` instead. Default 3, adapters 5. */
  readonly retries?: number | undefined;
  /** The first delay in ms. Default 100. */
  readonly baseDelay?: Millis | undefined;
  /** No delay is longer, in ms. Default 30,000. */
  readonly maxDelay?: Millis | undefined;
  /** Default `true`, which is `'decorrelated'`; `false` is `'none'`. */
  readonly jitter?: boolean | Jitter | undefined;
  /**
   * Yes, no, or `undefined` for no opinion. It cannot have cancelled work played again, nor work
   * of unknown outcome that is not known to be repeatable.
   */
  readonly shouldBounce?:
    | ((error: unknown, attempt: number, verdict: Verdict) => boolean | undefined)
    | undefined;
  /**
   * Whether a result is no success and the shot is to be played again: `true` for a failure of the
   * service, or the kind of failure, which sets the pace and what the cushion counts. The last result
   * comes back when there is a reason to stop. Work that may not be done twice is not played again.
   * Any other answer takes the result for a success, the promise of an async function among them.
   */
  readonly whenResult?: ((value: unknown, attempt: number) => boolean | VerdictKind) | undefined;
  /**
   * How long the server asked to wait before the next attempt, in ms: an HTTP `Retry-After`, say. No
   * bounce comes earlier; none comes at all where that is longer than `maxDelay` or the patience left.
   * Default: what `classify` says.
   */
  readonly retryAfter?: ((error: unknown) => Millis | undefined) | undefined;
  /** All waiting of one shot together, in ms. Default: no bound here, 10,000 in the adapters. */
  readonly patience?: Millis | undefined;
  /** The hard limit for the whole shot, in ms. Default: none. */
  readonly timeout?: Millis | undefined;
  /** The limit for each attempt, in ms. Default: none. */
  readonly attemptTimeout?: Millis | undefined;
  /** Takes the shot back: before, during and between attempts. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each bounce before its delay. What it throws is dropped: watching changes nothing. */
  readonly onRetry?: ((event: RetryEvent) => void) | undefined;
}

/** All options of a strategy. */
export interface StrategyOptions extends CallOptions {
  /** The circuit breaker; `false` for none. Default: none here, one per datasource in the adapters. */
  readonly cushion?: Cushion | CushionOptions | false | undefined;
  /** The retry budget, shared by all who hand over the same one; `false` for none. Default: none. */
  readonly budget?: Budget | false | undefined;
  /** The bulkhead: so many attempts at a time; `false` for none. Default: none. */
  readonly compartment?: Gate | false | undefined;
  /** The rate limit: so many attempts in a time; `false` for none. Default: none. */
  readonly throttle?: Gate | false | undefined;
  /** A gate of an adapter's own, which attempts pass before the others; `false` for none. Default: none. */
  readonly gate?: Gate | false | undefined;
  /** The shots of one client that wait, so that its closing can send them away. Default: nobody does. */
  readonly waiters?: Waiters | undefined;
  /** What an error means. Default: everything bounces but cancellation and programming errors. */
  readonly classify?: ((error: unknown) => Verdict) | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Default: `Math.random`. */
  readonly random?: Random | undefined;
}
