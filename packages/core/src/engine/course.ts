/** The course of a shot: what has happened to it so far, what its last failure means, and what follows (retry). */
import { endless, type Millis } from '../clock.js';
import { addCause, isTimeout, ShotTimeoutError, stackless } from '../errors.js';
import type { Permit } from '../parking.js';
import { cancelled, type Decision, decide, isCounted, stop } from '../retry/decide.js';
import type { Turn } from '../retry/turns.js';
import { announce } from '../telemetry/announce.js';
import { board } from '../telemetry/board.js';
import type { ShotEvent } from '../telemetry/events.js';
import { type Attempt, TimedAttempt, UntimedAttempt } from '../timeout/attempt.js';
import type { Verdict } from '../verdict.js';
import type { Waiter } from '../waiters.js';
import { endOf, settle } from './admission.js';
import { afford } from './afford.js';
import { concluded, errorOf, type Failure, Unsatisfying } from './failure.js';
import { finalSequence, isFinalSince, markFinal } from './final.js';
import { isNotSync, judgeOf, notExecuted } from './judge.js';
import { playPermitted } from './probing.js';
import type { Rules } from './rules.js';
import type { Shot } from './shot.js';
import {
  attemptOf,
  tellCompleted,
  tellEnded,
  tellFailed,
  tellRetry,
  tellTimeout,
  whoIs,
} from './telling.js';

const timeIsOver = 'the time is over';
/** One object per shot that needs more than its first attempt; its fields are what `decide` reads. */
export class Course<T> {
  readonly rules: Rules;
  readonly shot: Shot<T>;
  /** When the whole shot's time is over. */
  readonly deadline: Millis;
  attempts = 0;
  waited: Millis = 0;
  last: Failure | undefined;
  /** The attempt on its way, where a clock or a signal can end it. */
  attempt: TimedAttempt | undefined;
  /** Among those who met contention. */
  turn: Turn | undefined;
  #who: ShotEvent | undefined;
  readonly #startedAt: Millis | undefined;
  #attemptedAt: Millis = 0;
  #bounces = 0;
  #uncounted = 0;
  #delay: Millis = 0;
  /** When the first attempt failed. */
  #failedAt: Millis | undefined;
  /** Once an attempt may have been done, no later one makes it undone. */
  #unknown = false;
  /** Where the client's end ends its waiting. */
  #waiter: Waiter | undefined;
  /** Shots that begin from here on may be inside the attempt. */
  #inner = 0;
  #began: number = finalSequence();

  /** @param startedAt where it is known. */
  constructor(rules: Rules, shot: Shot<T>, startedAt: Millis | undefined) {
    this.rules = rules;
    this.shot = shot;
    this.#startedAt = startedAt;
    this.deadline = (startedAt ?? 0) + (rules.timeout ?? endless);
  }

  /** What every event says of the shot. */
  get who(): ShotEvent {
    this.#who ??= whoIs(this.shot, this.rules);
    return this.#who;
  }

  /** Since the shot began. */
  get duration(): Millis | undefined {
    const startedAt = this.#startedAt;
    return startedAt === undefined ? undefined : this.rules.clock.now() - startedAt;
  }

  get #slowAfter(): Millis {
    return this.rules.circuit?.rules.slowAfter ?? endless;
  }

  get #tooSlow(): boolean {
    const limit = this.#slowAfter;
    return limit !== endless && this.rules.clock.now() - this.#attemptedAt >= limit;
  }

  get timeLeft(): Millis {
    return this.deadline === endless ? endless : this.deadline - this.rules.clock.now();
  }

  /** How long it may wait to be let in. */
  get patience(): Millis {
    return Math.min(this.rules.patience - this.waited, this.timeLeft);
  }

  /** Ends its waiting: the caller's signal, or the end of the client. */
  get leaving(): AbortSignal | undefined {
    const { waiters, signal } = this.rules;
    this.#waiter ??= waiters?.join(signal);
    return this.#waiter === undefined ? signal : this.#waiter.signal;
  }

  /** An attempt begins that a clock or a signal may end, or nothing but itself. */
  begin(limited: boolean): TimedAttempt {
    this.attempts += 1;
    this.#inner = finalSequence();
    if (this.#slowAfter !== endless) this.#attemptedAt = this.rules.clock.now();
    this.attempt = new (limited ? TimedAttempt : UntimedAttempt)(this.attempts);
    announce('attemptStarted', () => attemptOf(this));
    return this.attempt;
  }

  /** Plays the attempt of the permit, within all that stands around it. */
  play(attempt: Attempt, permit: Permit): T | PromiseLike<T> {
    const play = (): T | PromiseLike<T> => this.shot.play(attempt);
    const { within } = board;
    const all = within === undefined ? play : () => within(() => attemptOf(this), play);
    return playPermitted(this.rules.circuit, permit, all);
  }

  /** The first attempt began elsewhere, when `finalSequence` was `inner`. */
  began(inner: number, attempt: TimedAttempt | undefined): void {
    this.attempts = 1;
    this.#inner = inner;
    this.#began = Math.min(this.#began, inner);
    this.attempt = attempt;
  }

  /** The attempt did what it should: settles its permit. */
  succeed(permit: Permit): void {
    settle(this.rules, permit, this.#tooSlow ? 'fail' : 'succeed');
    tellEnded(this);
    this.#completed();
  }

  #completed(): void {
    this.#waiter?.leave();
    tellCompleted(this);
  }

  /** An attempt failed: settles its permit and decides what follows. */
  failed(error: unknown, permit: Permit): Decision {
    const verdict = this.#judge(error);
    settle(this.rules, permit, endOf(error, verdict, this.#tooSlow));
    if (this.ranOut(error)) tellTimeout(this, error);
    this.last = { error, verdict };
    tellEnded(this, this.last);
    if (verdict.outcome === 'unknown') this.#unknown = true;
    const decision = this.#decide(error, verdict);
    if (!decision.bounce) return decision;
    if (isCounted(this.rules, verdict)) this.#bounces += 1;
    else this.#uncounted += 1;
    this.#delay = decision.delay;
    return decision;
  }

  /** Tells who wants to know that the shot is played again, and counts the wait for it. */
  bounces(delay: Millis, left: Millis): void {
    this.waited += delay;
    if (delay < left) tellRetry(this, delay, this.#bounces);
  }

  /** The error when the shot's own time is over between attempts. */
  timeout(): ShotTimeoutError {
    const limit = this.rules.timeout ?? 0;
    const error = stackless(() => new ShotTimeoutError('shot', limit));
    tellTimeout(this, addCause(error, errorOf(this.last)));
    return error;
  }

  /** How the shot ends whose time was over between attempts. */
  late(): unknown {
    return this.end(this.timeout(), timeIsOver);
  }

  /** @throws the shot's final error where its caller has cancelled it. */
  throwIfCancelled(): void {
    const { signal } = this.rules;
    if (signal?.aborted) throw this.end(signal.reason, cancelled);
  }

  /** Whether the error is that one of the shot's own clocks ran out during the attempt. */
  ranOut(error: unknown): error is ShotTimeoutError {
    if (!this.attempt?.wasEndedBy(error) || this.isCallersAbort(error)) return false;
    return isTimeout(error);
  }

  /** The caller's own reason may be any value; only identity tells that it is the abort. */
  isCallersAbort(error: unknown): boolean {
    const { signal } = this.rules;
    return signal?.aborted === true && Object.is(error, signal.reason);
  }

  /** Ends the shot with what its caller gets: an error, or the last result that did not satisfy. */
  end(error: unknown, why: string): unknown {
    if (Unsatisfying.is(error)) {
      this.#completed();
      return error;
    }
    this.#waiter?.leave();
    const verdict = this.last?.verdict ?? notExecuted(this.#judge(error));
    const outcome = this.#unknown ? 'unknown' : verdict.outcome;
    const end = { verdict, outcome, attempts: this.attempts, why };
    const final = concluded(this.shot, error, end);
    markFinal(final, this.#began, why === cancelled);
    tellFailed(this, final, end);
    return final;
  }

  #judge(error: unknown): Verdict {
    if (Unsatisfying.is(error)) return error.verdict;
    const verdict = judgeOf(this.shot, this.rules, error);
    return this.isCallersAbort(error)
      ? { ...verdict, kind: 'cancelled', reason: cancelled }
      : verdict;
  }

  #decide(error: unknown, verdict: Verdict): Decision {
    if (isNotSync(error)) return stop(verdict.reason);
    if (this.timeLeft <= 0) return stop(timeIsOver);
    const { rules, shot } = this;
    const now = rules.clock.now();
    this.#failedAt ??= now;
    try {
      // Shots inside that got the attempt's signal end with its reason too: that is no decision.
      if (!this.attempt?.wasEndedBy(error) && isFinalSince(error, this.#inner)) {
        return stop('a shot inside this one has decided about the same error');
      }
      const result = Unsatisfying.is(error);
      const situation = {
        verdict,
        bounces: this.#bounces,
        uncounted: this.#uncounted,
        previousDelay: this.#delay,
        waited: this.waited,
        elapsed: now - this.#failedAt,
        retryAfter: (result ? undefined : rules.retryAfter?.(error)) ?? verdict.retryAfter ?? 0,
        repeatable: verdict.outcome !== 'unknown' || (shot.repeatable?.() ?? true),
        opinion: result ? undefined : rules.shouldBounce?.(error, this.attempts, verdict),
      };
      const decision = decide(rules, situation, rules.random);
      return decision.bounce ? afford(this, decision, now) : decision;
    } catch {
      return stop('`shouldBounce`, `retryAfter` or `repeatable` threw an error of its own');
    }
  }
}
