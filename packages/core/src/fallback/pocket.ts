/** A pocket is a fallback: where a shot ends when it fails for good, instead of an error. */
import { hasCause } from '../causes.js';
import { finalSequence, wasCancelled } from '../engine/final.js';
import { judge } from '../engine/judge.js';
import { addCause, isCaromError } from '../errors.js';
import { aFunction, checkOptions, invalid } from '../invalid.js';
import { atOnce } from '../listener.js';
import { announce } from '../telemetry/announce.js';
import { decided } from '../telemetry/decided.js';
import { codeOf, withError } from '../telemetry/error-field.js';

/** Which errors a pocket takes. */
export interface PocketRules {
  /**
   * Decides alone: the pocket takes the errors for which it returns `true`. Default: all but
   * cancellation, programming errors, refused options, and errors of a write that may have been
   * done: a fallback for that one would be a lie.
   */
  readonly when?: ((error: unknown) => boolean) | undefined;
}

/** A function of an error that has a type because the caller says so: what fails may be anything. */
type OfTheError<F> = (...error: never) => F;

/** A native promise that can have a pocket below it. */
export interface Pocket<T> extends Promise<T> {
  /**
   * What to answer where this one, its fallback included, fails.
   * @throws {InvalidOptionError} as `pocket` does.
   */
  pocket<F>(fallback: (error: unknown) => F, rules?: PocketRules): Pocket<T | Awaited<F>>;
  pocket<F>(fallback: OfTheError<F>, rules?: PocketRules): Pocket<T | Awaited<F>>;
  pocket<F>(fallback: F, rules?: PocketRules): Pocket<T | Awaited<F>>;
}

/**
 * The result of `action`, or of `fallback` where that fails: a value, or a function of the error. When
 * the fallback fails too its error is thrown, with the first one as its `cause` unless it has one, or is
 * a `TypeError`: with a cause that is a failed `fetch`, and without one a bug.
 *
 *     const price = await pocket(() => shot(current), () => cached(id)).pocket(0)
 *
 * @throws {InvalidOptionError} at once, and not as a rejection, when `action` is neither a function nor
 * a promise, when no fallback is given, or when `when` is no function.
 */
export function pocket<T, F>(
  action: (() => T) | PromiseLike<T>,
  fallback: (error: unknown) => F,
  rules?: PocketRules,
): Pocket<Awaited<T> | Awaited<F>>;
export function pocket<T, F>(
  action: (() => T) | PromiseLike<T>,
  fallback: OfTheError<F>,
  rules?: PocketRules,
): Pocket<Awaited<T> | Awaited<F>>;
export function pocket<T, F>(
  action: (() => T) | PromiseLike<T>,
  fallback: F,
  rules?: PocketRules,
): Pocket<Awaited<T> | Awaited<F>>;
export function pocket(
  action: (() => unknown) | PromiseLike<unknown>,
  ...given: readonly [fallback?: unknown, rules?: PocketRules]
): Pocket<unknown> {
  return pocketOf(action, given);
}

function pocketOf(
  action: (() => unknown) | PromiseLike<unknown>,
  given: readonly [fallback?: unknown, rules?: PocketRules],
): Pocket<unknown> {
  const [fallback, rules = {}] = given;
  if (typeof action !== 'function' && typeof Object(action).then !== 'function') {
    throw invalid('action', action, 'a function, or a promise');
  }
  // Else a forgotten one would hide every error.
  if (given.length === 0) {
    const allowed = 'a value, `undefined` too where it is said, or a function of the error';
    throw invalid('fallback', fallback, allowed);
  }
  const { when } = checkOptions(rules, { when: aFunction }, 'pocket.');
  hold(fallback);
  const promise = play(action, fallback, when);
  // The next link waits for this one from the start, so that its rejection is never unhandled.
  const next = (...more: readonly [fallback?: unknown, rules?: PocketRules]): Pocket<unknown> =>
    pocketOf(promise, more);
  return Object.defineProperty(promise, 'pocket', { value: next }) as Pocket<unknown>;
}

type When = (error: unknown) => boolean;

async function play(
  action: (() => unknown) | PromiseLike<unknown>,
  fallback: unknown,
  when: When | undefined,
): Promise<unknown> {
  // What is on its way already may have ended.
  const since = typeof action === 'function' ? finalSequence() : 0;
  const asked = when ?? ((error: unknown) => isForPockets(error, since));
  try {
    return await (typeof action === 'function' ? action() : action);
  } catch (error) {
    if (!takes(asked, error)) throw error;
    try {
      const value = await (typeof fallback === 'function' ? fallback(error) : fallback);
      announce('fallbackUsed', () =>
        withError({ code: codeOf(error), ...decided('fallback', 'it failed') }, error),
      );
      return value;
    } catch (own) {
      if (takesCause(own, error)) addCause(own, error);
      throw own;
    }
  }
}

/** A promise may reject before it is needed, and where it never is. Anything else may be a query, which begins when it is asked. */
function hold(fallback: unknown): void {
  if (!(fallback instanceof Promise) || fallback.constructor !== Promise) return;
  try {
    fallback.catch(() => {});
  } catch {
    // A proxy of a promise is none.
  }
}

/** Only `true` is a yes: what an `async` function returns is none. One that throws hides no error. */
function takes(when: When, error: unknown): boolean {
  try {
    return atOnce(when(error)) === true;
  } catch {
    return false;
  }
}

/** What no value can stand for: a mistake in the program, or a write that may have been done. */
const notForPockets =
  /^CAROM_(INVALID_OPTION|CONFLICTING_SETTINGS|NOT_SYNC|OUTCOME_UNKNOWN|SILENT_ROLLBACK)$/;

function isForPockets(error: unknown, since: number): boolean {
  if (wasCancelled(error, since)) return false;
  // An error of the caller's own does not make a write undone that is among its causes.
  if (hasCause(error, (one) => isCaromError(one) && notForPockets.test(one.code))) return false;
  if (isCaromError(error)) return true;
  const { kind } = judge(error);
  return kind !== 'permanent' && kind !== 'cancelled';
}

/** Whether an error can be given what led to it; not where it has a cause, or is itself among those of the first one. */
function takesCause(error: unknown, first: unknown): boolean {
  try {
    // By its tag, since it may be an error from another realm (jest, vm).
    if (Object.prototype.toString.call(error) !== '[object Error]') return false;
    const { name } = error as Error;
    // With a cause it would be taken for a failed `fetch`: the next pocket would hide a bug, and a shot play it again.
    if (name === 'TypeError') return false;
    if ('cause' in (error as Error) || !Object.isExtensible(error)) return false;
  } catch {
    return false;
  }
  return !hasCause(first, (one) => one === error);
}
