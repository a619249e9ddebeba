/** A synchronous shot: the same rules on a thread that blocks while it waits (retry without promises). */
import type { Millis } from '../clock.js';
import { CaromError } from '../errors.js';
import type { Permit } from '../parking.js';
import { announce } from '../telemetry/announce.js';
import { isTraced } from '../telemetry/channels.js';
import { firstAttempt } from '../timeout/attempt.js';
import { enterAtOnce } from './admission.js';
import { beginning } from './beginning.js';
import { Course } from './course.js';
import type { Executor } from './executor.js';
import { Unsatisfying, unsatisfied } from './failure.js';
import { finalSequence } from './final.js';
import { follow, isThenable } from './native-promise.js';
import { refused } from './refused.js';
import type { Rules } from './rules.js';
import type { Action } from './shot.js';
import { tracedSync } from './trace.js';

/** Plays a synchronous action. @throws {CaromError} `CAROM_NOT_SYNC` when it returns a promise. */
export function playSync<T>(executor: Executor, action: Action<T>): T {
  const { rules } = executor;
  const permit = executor.enter();
  if (permit === 0) return playFromStart(rules, action);
  const inner = finalSequence();
  let value: T | PromiseLike<T>;
  try {
    value = action(firstAttempt);
    if (isThenable(value)) throw notSync(value);
  } catch (error) {
    const course = new Course(rules, { play: action }, undefined);
    course.began(inner, undefined);
    return playOn(course, { error, permit });
  }
  executor.succeed(permit);
  return value;
}

function playFromStart<T>(rules: Rules, action: Action<T>): T {
  const course = beginning(rules, { play: action });
  const begin = (): T => {
    rules.budget?.deposit();
    announce('shotStarted', () => course.who);
    return playOn(course);
  };
  return isTraced() ? tracedSync(course, begin) : begin();
}

function playOn<T>(
  course: Course<T>,
  first?: { readonly error: unknown; readonly permit: Permit },
): T {
  const { rules } = course;
  try {
    if (first !== undefined) next(course, first.error, first.permit);
    for (;;) {
      const permit = enter(course);
      const attempt = course.begin(rules.signal !== undefined);
      let failure: unknown;
      try {
        const value = course.play(attempt, permit);
        if (isThenable(value)) throw notSync(value);
        failure = unsatisfied(rules, value, course.attempts);
        if (failure === undefined) {
          course.succeed(permit);
          return value;
        }
      } catch (error) {
        failure = error;
      }
      next(course, failure, permit);
    }
  } catch (end) {
    if (Unsatisfying.is(end)) return end.value as T;
    throw end;
  }
}

/** A permit. @throws the shot's final error: a thread that blocks cannot be let in by another. */
function enter<T>(course: Course<T>): Permit {
  course.throwIfCancelled();
  try {
    return enterAtOnce(course.rules);
  } catch (refusal) {
    throw refused(course, refusal);
  }
}

/** Returns when the shot is to be played again. @throws its end when not. */
function next<T>(course: Course<T>, error: unknown, permit: Permit): void {
  const decision = course.failed(error, permit);
  if (!decision.bounce) throw course.end(error, decision.why);
  const { clock } = course.rules;
  course.throwIfCancelled();
  const left: Millis = course.timeLeft;
  course.bounces(decision.delay, left);
  // Nobody can abort a thread that blocks, but who was told just now.
  course.throwIfCancelled();
  clock.block(Math.min(decision.delay, left));
  if (decision.delay >= left || course.timeLeft <= 0) throw course.late();
}

/** Its success would be recorded before it is known; and its failure be nobody's. */
function notSync(value: PromiseLike<unknown>): CaromError {
  follow(value).catch(() => {});
  return new CaromError(
    'CAROM_NOT_SYNC',
    'shotSync got a promise from its action: use shot() for what is asynchronous',
  );
}
