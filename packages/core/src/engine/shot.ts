/** A shot is one logical operation; it may take several attempts. This is what the engine plays. */
import type { Attempt } from '../timeout/attempt.js';
import type { FailedOutcome, Verdict } from '../verdict.js';

/** What a shot does; called once per attempt. */
export type Action<T> = (attempt: Attempt) => T | PromiseLike<T>;

/** What is played: a plain action, or a shot that an adapter describes. One value, since the fast path pays for each. */
export type Work<T> = Action<T> | Shot<T>;

/** Plays one attempt. */
export function playWork<T>(work: Work<T>, attempt: Attempt): T | PromiseLike<T> {
  return typeof work === 'function' ? work(attempt) : work.play(attempt);
}

/** The shot of an action has nothing but that. */
export function shotOf<T>(work: Work<T>): Shot<T> {
  return typeof work === 'function' ? { play: work } : work;
}

/** How a failed shot ended: the last verdict, and why it was not played again. */
export interface FailedShot {
  /** Of the last attempt; of the refusal where none was played. */
  readonly verdict: Verdict;
  /** Of all attempts together: `unknown` as soon as one of them was, `not-executed` without any. */
  readonly outcome: FailedOutcome;
  /** Attempts played; 0 where none was. */
  readonly attempts: number;
  /** Why the engine stopped. */
  readonly why: string;
}

/**
 * One operation as an adapter describes it. Only `play` is called when all goes well. What the other
 * functions throw never hides the error of the work: it then counts as not repeatable, as discarded,
 * as concluded with the same object; an error that cannot be judged is not bounced.
 */
export interface Shot<T> {
  /** For events: `order.create`. */
  readonly name?: string | undefined;
  /** For events: the service or datasource it is played against. Default: the name of the cushion. */
  readonly service?: string | undefined;
  /**
   * The same for shots that do the same work; never shown. Where many shots with one signature meet contention, the others take
   * turns with them from their first attempt on. Asked only where there is contention. Default: each takes turns once it has met it.
   */
  signature?: (() => string | undefined) | undefined;
  /** Plays one attempt. */
  play(attempt: Attempt): T | PromiseLike<T>;
  /**
   * Nobody wants to wait for the attempt any more: a clock ran out, or the caller's signal aborted. The place to cancel it
   * where it runs. The engine waits until the promise settles or the attempt does, so that whoever gives it has to bound it.
   * An attempt that succeeds meanwhile is a success; one that fails, or goes on, has failed with `reason`.
   */
  cancel?(reason: unknown): PromiseLike<unknown> | undefined;
  /** What a failed attempt means. Default: the strategy's `classify`. */
  judge?(error: unknown): Verdict;
  /** For events: how far the last attempt got. */
  phase?(): string | undefined;
  /** Whether work of unknown outcome may be played again; asked only then. Default: yes. */
  repeatable?(): boolean;
  /**
   * Told of each failed attempt, after the verdict: the place to throw bad connections away. It is
   * waited for as long as the clocks and the caller's signal allow.
   */
  discard?(verdict: Verdict): void | PromiseLike<void>;
  /** Turns the last error into what the caller gets. Default: the same object. */
  conclude?(error: unknown, end: FailedShot): unknown;
}
