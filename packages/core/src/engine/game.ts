/** A game is one shot being played, attempt after attempt: verdict, decision, delay (retry). */
import { type Millis, sleep } from '../clock.js';
import { addCause } from '../errors.js';
import type { Permit } from '../parking.js';
import { announce } from '../telemetry/announce.js';
import { isTraced } from '../telemetry/channels.js';
import type { TimedAttempt } from '../timeout/attempt.js';
import { isLimited, within } from '../timeout/shot-clock.js';
import { beginning } from './beginning.js';
import { Course } from './course.js';
import { enter, knock, lookAgain, Refused } from './entry.js';
import { errorOf, type Failure, Unsatisfying, unsatisfied } from './failure.js';
import { nativePromise } from './native-promise.js';
import { refused } from './refused.js';
import { rejection } from './rejection.js';
import type { Rules } from './rules.js';
import { type Shot, shotOf, type Work } from './shot.js';
import { traced } from './trace.js';
import { beginsInTurn, endTurn, enterInTurn, isContended } from './turn.js';

/** A first attempt that has failed elsewhere. */
export interface FirstFailure {
  readonly error: unknown;
  readonly permit: Permit;
  /** `finalSequence` when the attempt began. */
  readonly inner: number;
  /** Where a clock could end it. */
  readonly attempt?: TimedAttempt | undefined;
  readonly startedAt?: Millis | undefined;
}

/** Who plays first attempts without an async frame, as long as nothing but a clock can end them. */
interface Starter {
  first<T>(shot: Shot<T>, permit: Permit, course: Course<T>): Promise<T>;
}

/**
 * Plays a shot from its beginning.
 * @param starter plays the first attempt where it need not wait.
 */
export function play<T>(rules: Rules, work: Work<T>, starter?: Starter): Promise<T> {
  rules.budget?.deposit();
  const answer = knock(rules, work);
  if (typeof answer === 'object') return rejection(answer);
  const course = beginning(rules, shotOf(work));
  const begin = (): Promise<T> => {
    announce('shotStarted', () => course.who);
    if (beginsInTurn(course)) return attempts(course, enterInTurn(course));
    const entered = enter(course, answer);
    if (entered instanceof Refused) return rejection(entered.end);
    return starter === undefined || typeof entered !== 'number' || isContended(rules)
      ? attempts(course, entered)
      : starter.first(course.shot, entered, course);
  };
  return isTraced() ? traced(course, begin) : begin();
}

/**
 * Plays a shot on after its first attempt has failed.
 * @param course where it has one already, since somebody heard of it.
 */
export function playOn<T>(
  rules: Rules,
  shot: Shot<T>,
  first: FirstFailure,
  course: Course<T> = new Course(rules, shot, first.startedAt),
): Promise<T> {
  course.began(first.inner, first.attempt);
  return attempts(course, undefined, first);
}

async function attempts<T>(
  course: Course<T>,
  entered: Permit | Promise<Permit> | undefined,
  first?: FirstFailure,
): Promise<T> {
  try {
    if (first !== undefined) await next(course, first.error, first.permit);
    for (let entry = entered ?? enter(course); ; entry = enter(course)) {
      if (entry instanceof Refused) throw entry.end;
      // No turn is lost where nobody has to wait.
      const permit = typeof entry === 'number' ? entry : await entry;
      if (typeof entry !== 'number') lookAgain(course, permit);
      let failure: unknown;
      try {
        const value = await playOnce(course, permit);
        failure = unsatisfied(course.rules, value, course.attempts);
        if (failure === undefined) {
          course.succeed(permit);
          course.rules.budget?.turns?.intensity.passed(course.shot);
          return value;
        }
      } catch (error) {
        failure = error;
      }
      await next(course, failure, permit);
    }
  } catch (end) {
    if (Unsatisfying.is(end)) return end.value as T;
    throw end;
  } finally {
    // Of an attempt that succeeded, or was not let in after all.
    endTurn(course);
  }
}

function playOnce<T>(course: Course<T>, permit: Permit): Promise<T> {
  const { shot } = course;
  const attempt = course.begin(isLimited(course));
  const play = (): T | PromiseLike<T> => course.play(attempt, permit);
  if (!attempt.abandonable) return nativePromise(play());
  return within(course, play, (reason) => attempt.abandon(reason), shot.cancel?.bind(shot));
}

/** Returns when the shot is to be played again. @throws its end when not. */
async function next<T>(course: Course<T>, error: unknown, permit: Permit): Promise<void> {
  const before = course.last;
  endTurn(course);
  const decision = course.failed(error, permit);
  const { shot, rules } = course;
  const { verdict } = course.last as Failure;
  if (verdict.kind === 'contention') rules.budget?.turns?.intensity.met(shot);
  const discard = shot.discard?.bind(shot, verdict);
  if (discard !== undefined) await discarded(course, discard);
  if (!decision.bounce) {
    // Only now: a classifier might have taken the cause for the meaning of the timeout.
    if (course.ranOut(error)) addCause(error, errorOf(before));
    throw course.end(error, decision.why);
  }
  await pause(course, decision.delay);
}

async function discarded<T>(
  course: Course<T>,
  discard: () => void | PromiseLike<void>,
): Promise<void> {
  try {
    await within(course, discard);
  } catch {
    // The error of the attempt says more. An abort or a timeout is noticed by whoever comes next.
  }
}

async function pause<T>(course: Course<T>, delay: Millis): Promise<void> {
  const { clock, signal } = course.rules;
  course.throwIfCancelled();
  const left = course.timeLeft;
  course.bounces(delay, left);
  try {
    await sleep(clock, Math.min(delay, left), delay > 0 ? course.leaving : signal);
    if (course.last?.verdict.kind === 'contention') {
      course.turn = await course.rules.budget?.turns?.take(course);
    }
  } catch (reason) {
    throw refused(course, reason);
  }
  if (delay >= left || course.timeLeft <= 0) throw course.late();
}
