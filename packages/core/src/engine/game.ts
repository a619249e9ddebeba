/** A game is one shot being played: the loop of attempt, verdict, decision and delay (retry). */
import type { Permit } from '../breaker/parking.js';
import { type Millis, sleep } from '../clock.js';
import { ShotTimeoutError } from '../errors.js';
import { tell } from '../listener.js';
import { type Decision, decide } from '../retry/decide.js';
import { isLimited, type Limits, TimedAttempt, within } from '../timeout/shot-clock.js';
import type { FailedOutcome, Verdict } from '../verdict.js';
import { finalSequence, isFinalSince, markFinal } from './final.js';
import { unjudged } from './judge.js';
import type { Rules } from './rules.js';
import { settlePermit } from './settle.js';
import type { Shot } from './shot.js';

/** A failed attempt. */
interface Failure {
  readonly error: unknown;
  readonly verdict: Verdict;
}

const cancelled = 'the caller cancelled the shot';

/** Plays a shot to its end. One object per shot; its fields are what `decide` reads. */
export class Game<T> {
  readonly #rules: Rules;
  readonly #shot: Shot<T>;
  readonly #limits: Limits;
  #attempts = 0;
  #bounces = 0;
  #contended = 0;
  #delay: Millis = 0;
  #waited: Millis = 0;
  #last: Failure | undefined;
  /** When the first attempt failed. */
  #failedAt: Millis | undefined;
  /** Once an attempt may have been done, no later one makes it undone. */
  #unknown = false;
  #attempt: TimedAttempt | undefined;
  /** Errors marked as final from here on are of shots inside the attempt. */
  #inner = 0;

  constructor(rules: Rules, shot: Shot<T>) {
    this.#rules = rules;
    this.#shot = shot;
    const { clock, timeout, signal, attemptTimeout } = rules;
    const deadline = timeout === undefined ? Number.POSITIVE_INFINITY : clock.now() + timeout;
    this.#limits = { clock, timeout, signal, attemptTimeout, deadline };
  }

  async play(): Promise<T> {
    for (;;) {
      const entered = this.#enter();
      // No turn is lost where nobody has to wait.
      const permit = typeof entered === 'number' ? entered : await entered;
      try {
        const value = await this.#playOnce();
        this.#rules.circuit?.succeed(permit);
        return value;
      } catch (error) {
        await this.#afterFailure(error, permit);
      }
    }
  }

  /** Passes the cushion, waiting there if need be. */
  #enter(): Permit | Promise<Permit> {
    const { circuit, signal, patience } = this.#rules;
    if (signal?.aborted) throw this.#end(signal.reason, cancelled);
    if (circuit === undefined) return 0;
    const left = Math.min(patience - this.#waited, this.#timeLeft());
    try {
      const admitted = circuit.admit(left, signal);
      return typeof admitted === 'number' ? admitted : this.#park(admitted);
    } catch (refusal) {
      throw this.#refused(refusal);
    }
  }

  async #park(admitted: Promise<Permit>): Promise<Permit> {
    const { clock, circuit, signal } = this.#rules;
    const arrived = clock.now();
    let permit: Permit;
    try {
      permit = await admitted;
    } catch (refusal) {
      throw this.#refused(refusal);
    }
    this.#waited += clock.now() - arrived;
    // Between being let in and coming here the signal may abort, or the time run out.
    if (!signal?.aborted && this.#timeLeft() > 0) return permit;
    circuit?.release(permit);
    throw signal?.aborted
      ? this.#end(signal.reason, cancelled)
      : this.#end(this.#timeout(), 'the time is over');
  }

  #refused(refusal: unknown): unknown {
    if (this.#isCallersAbort(refusal)) return this.#end(refusal, cancelled);
    const { message } = refusal as Error;
    if (this.#timeLeft() <= 0) return this.#end(this.#timeout(), message);
    // The database's own error says more than ours does.
    return this.#end(this.#last === undefined ? refusal : this.#last.error, message);
  }

  #playOnce(): T | PromiseLike<T> {
    this.#attempts += 1;
    this.#inner = finalSequence();
    const limited = isLimited(this.#limits);
    const attempt = new TimedAttempt(this.#attempts, limited);
    this.#attempt = attempt;
    if (!limited) return this.#shot.play(attempt);
    return within(
      this.#limits,
      () => this.#shot.play(attempt),
      (reason) => attempt.abandon(reason),
    );
  }

  /** Returns when the shot is to be played again, throws its end when not. */
  async #afterFailure(error: unknown, permit: Permit): Promise<void> {
    const before = this.#last;
    const verdict = this.#judge(error);
    const { circuit } = this.#rules;
    if (circuit !== undefined) settlePermit(circuit, permit, error, verdict);
    this.#last = { error, verdict };
    if (verdict.outcome === 'unknown') this.#unknown = true;
    const decision = this.#decide(error, verdict);
    await this.#discard(verdict);
    if (!decision.bounce) {
      this.#addCause(error, before);
      throw this.#end(error, decision.why);
    }
    if (verdict.kind === 'contention') this.#contended += 1;
    else this.#bounces += 1;
    await this.#pause(this.#last, decision.delay);
  }

  #judge(error: unknown): Verdict {
    let verdict = unjudged;
    try {
      verdict = this.#shot.judge?.(error) ?? this.#rules.classify(error) ?? unjudged;
    } catch {
      // A classifier that fails must hide neither the error nor what is unknown about it.
    }
    return this.#isCallersAbort(error)
      ? { ...verdict, kind: 'cancelled', reason: cancelled }
      : verdict;
  }

  /** The caller's own reason may be any value; only identity tells that it is the abort. */
  #isCallersAbort(error: unknown): boolean {
    const { signal } = this.#rules;
    return signal?.aborted === true && error === signal.reason;
  }

  #decide(error: unknown, verdict: Verdict): Decision {
    if (this.#timeLeft() <= 0) return { bounce: false, why: 'the time is over' };
    const now = this.#rules.clock.now();
    this.#failedAt ??= now;
    try {
      // Shots inside that got the attempt's signal end with its reason too: that is no decision.
      if (!this.#attempt?.wasEndedBy(error) && isFinalSince(error, this.#inner)) {
        return { bounce: false, why: 'a shot inside this one has decided about the same error' };
      }
      const situation = {
        verdict,
        bounces: this.#bounces,
        contended: this.#contended,
        previousDelay: this.#delay,
        waited: this.#waited,
        elapsed: now - this.#failedAt,
        repeatable: verdict.outcome !== 'unknown' || (this.#shot.repeatable?.() ?? true),
        opinion: this.#rules.shouldBounce?.(error, this.#attempts, verdict),
      };
      return decide(this.#rules, situation, this.#rules.random);
    } catch {
      return { bounce: false, why: '`shouldBounce` or `repeatable` threw an error of its own' };
    }
  }

  async #discard(verdict: Verdict): Promise<void> {
    if (this.#shot.discard === undefined) return;
    try {
      await within(
        this.#limits,
        () => this.#shot.discard?.(verdict),
        () => {},
      );
    } catch {
      // The error of the attempt says more. An abort or a timeout is noticed by whoever comes next.
    }
  }

  async #pause(failure: Failure, delay: Millis): Promise<void> {
    const { clock, signal, onRetry } = this.#rules;
    if (signal?.aborted) throw this.#end(signal.reason, cancelled);
    const left = this.#timeLeft();
    if (onRetry !== undefined && delay < left) {
      tell(onRetry, { name: this.#shot.name, attempt: this.#attempts, delay, ...failure });
    }
    this.#delay = delay;
    this.#waited += delay;
    try {
      await sleep(clock, Math.min(delay, left), signal);
    } catch (reason) {
      throw this.#end(reason, cancelled);
    }
    if (delay >= left || this.#timeLeft() <= 0)
      throw this.#end(this.#timeout(), 'the time is over');
  }

  #timeLeft(): Millis {
    const { deadline, clock } = this.#limits;
    return deadline === Number.POSITIVE_INFINITY ? deadline : deadline - clock.now();
  }

  #timeout(): ShotTimeoutError {
    const cause = this.#last === undefined ? undefined : { cause: this.#last.error };
    return new ShotTimeoutError('shot', this.#limits.timeout ?? 0, cause);
  }

  /** Only now: a classifier might have taken the cause for the meaning of the timeout. */
  #addCause(error: unknown, before: Failure | undefined): void {
    if (before === undefined || !this.#attempt?.wasEndedBy(error)) return;
    if (this.#isCallersAbort(error) || !(error instanceof ShotTimeoutError)) return;
    if (error.scope !== 'shot') return;
    Object.defineProperty(error, 'cause', {
      value: before.error,
      configurable: true,
      writable: true,
    });
  }

  #end(error: unknown, why: string): unknown {
    const none: FailedOutcome = 'not-executed';
    const verdict = this.#last?.verdict ?? { ...this.#judge(error), outcome: none };
    const outcome = this.#unknown ? 'unknown' : verdict.outcome;
    let final = error;
    try {
      final =
        this.#shot.conclude?.(error, { verdict, outcome, attempts: this.#attempts, why }) ?? error;
    } catch {
      // The error itself says more than one about describing it.
    }
    markFinal(final);
    return final;
  }
}
