/** A game is one shot being played, attempt after attempt: verdict, decision, delay (retry). */
import { type Millis, sleep } from '../clock.js';
import { addCause, isTimeout } from '../errors.js';
import type { Permit } from '../parking.js';
import type { Turn } from '../retry/turns.js';
import { announce } from '../telemetry/announce.js';
import { playWithin } from '../telemetry/around.js';
import { isTraced } from '../telemetry/channels.js';
import type { AttemptStarted } from '../telemetry/events.js';
import type { TimedAttempt } from '../timeout/attempt.js';
import { isLimited, type Limits, within } from '../timeout/shot-clock.js';
import type { Verdict } from '../verdict.js';
import { Course, cancelled, timeIsOver } from './course.js';
import { enter, knock, lookAgain, Refused } from './entry.js';
import { Unsatisfying } from './failure.js';
import { nativePromise } from './native-promise.js';
import { rejection } from './rejection.js';
import type { Rules } from './rules.js';
import type { Shot } from './shot.js';
import { attemptOf } from './telling.js';
import { traced } from './trace.js';

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

/** Plays a shot from its beginning. */
export function play<T>(rules: Rules, shot: Shot<T>): Promise<T> {
  rules.budget?.deposit();
  const answer = knock(rules, shot);
  if (typeof answer === 'object') return rejection(answer);
  const course = new Course(rules, shot);
  return isTraced() ? traced(course, () => begin(course, answer)) : begin(course, answer);
}

function begin<T>(course: Course<T>, answer: Permit | undefined): Promise<T> {
  announce('shotStarted', () => course.who);
  const entered = enter(course, answer);
  return entered instanceof Refused ? rejection(entered.end) : new Game(course).play(entered);
}

/** Plays a shot on after its first attempt has failed. */
export function playOn<T>(rules: Rules, shot: Shot<T>, first: FirstFailure): Promise<T> {
  const course = new Course(rules, shot, first.startedAt);
  course.began(first.inner, first.attempt);
  return new Game(course).play(undefined, first);
}

class Game<T> {
  readonly #course: Course<T>;
  readonly #limits: Limits;
  /** Among those who met contention. */
  #turn: Turn | undefined;

  constructor(course: Course<T>) {
    this.#course = course;
    const { clock, timeout, signal, attemptTimeout } = course.rules;
    this.#limits = { clock, timeout, signal, attemptTimeout, deadline: course.deadline };
  }

  async play(entered: Permit | Promise<Permit> | undefined, first?: FirstFailure): Promise<T> {
    const course = this.#course;
    try {
      if (first !== undefined) await this.#next(first.error, first.permit);
      for (let entry = entered ?? enter(course); ; entry = enter(course)) {
        if (entry instanceof Refused) throw entry.end;
        // No turn is lost where nobody has to wait.
        const permit = typeof entry === 'number' ? entry : await entry;
        if (typeof entry !== 'number') lookAgain(course, permit);
        let failure: unknown;
        try {
          const value = await this.#playOnce();
          failure = course.unsatisfied(value);
          if (failure === undefined) {
            course.succeeded(permit);
            return value;
          }
        } catch (error) {
          failure = error;
        }
        await this.#next(failure, permit);
      }
    } catch (end) {
      if (Unsatisfying.is(end)) return end.value as T;
      throw end;
    } finally {
      // Of an attempt that succeeded, or was not let in after all.
      this.#endTurn();
    }
  }

  #playOnce(): Promise<T> {
    const course = this.#course;
    const { shot } = course;
    const attempt = course.begin(isLimited(this.#limits));
    const started = (): AttemptStarted => attemptOf(course);
    announce('attemptStarted', started);
    const play = (): T | PromiseLike<T> => playWithin(started, () => shot.play(attempt));
    if (!attempt.abandonable) return nativePromise(play());
    return within(this.#limits, play, {
      abandon: (reason) => attempt.abandon(reason),
      cancel: shot.cancel?.bind(shot),
    });
  }

  /** Returns when the shot is to be played again. @throws its end when not. */
  async #next(error: unknown, permit: Permit): Promise<void> {
    const course = this.#course;
    const before = course.last;
    this.#endTurn();
    const decision = course.failed(error, permit);
    const { last, shot } = course;
    if (shot.discard !== undefined && last !== undefined) await this.#discard(last.verdict);
    if (!decision.bounce) {
      if (before !== undefined) this.#addCause(error, before.error);
      throw course.end(error, decision.why);
    }
    await this.#pause(decision.delay);
  }

  async #discard(verdict: Verdict): Promise<void> {
    const { shot } = this.#course;
    try {
      await within(this.#limits, () => shot.discard?.(verdict), { abandon: () => {} });
    } catch {
      // The error of the attempt says more. An abort or a timeout is noticed by whoever comes next.
    }
  }

  async #pause(delay: Millis): Promise<void> {
    const course = this.#course;
    const { clock, signal } = course.rules;
    if (signal?.aborted) throw course.end(signal.reason, cancelled);
    const left = course.timeLeft;
    course.bounces(delay, left);
    try {
      await sleep(clock, Math.min(delay, left), delay > 0 ? course.leaving : signal);
      if (course.last?.verdict.kind === 'contention') {
        this.#turn = await course.rules.budget?.turns?.take(course);
      }
    } catch (reason) {
      throw course.refused(reason);
    }
    if (delay >= left || course.timeLeft <= 0) throw course.end(course.timeout(), timeIsOver);
  }

  #endTurn(): void {
    this.#course.rules.budget?.turns?.giveBack(this.#turn);
  }

  /** Only now: a classifier might have taken the cause for the meaning of the timeout. */
  #addCause(error: unknown, before: unknown): void {
    const { attempt } = this.#course;
    if (attempt?.wasEndedBy(error) !== true || !isTimeout(error)) return;
    if (error.scope !== 'shot') return;
    addCause(error, before);
  }
}
