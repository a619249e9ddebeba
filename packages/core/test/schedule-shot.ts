/** One shot of a schedule as the model knows it: what it may do, and what it has done. */
import type { Attempt, CallOptions, Millis, Verdict } from '@carom/core';
import { type Watched, watch } from './scenario.js';
import type { Call } from './schedule.js';

/** An error whose verdict is known. */
export class Failure extends Error {
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(verdict.kind);
    this.verdict = verdict;
  }
}

/** What an attempt that succeeds returns. */
export interface Result {
  readonly attempt: number;
  /** What `whenResult` makes of it. */
  readonly is: 'success' | 'poor' | 'odd';
}

interface ModelAttempt {
  readonly began: Millis;
  ended: Millis;
  /** Where the action looked at it. */
  readonly signal: AbortSignal | undefined;
}

interface Limits {
  readonly retries: number;
  readonly patience: Millis;
  readonly timeout: Millis;
  readonly attemptTimeout: Millis;
}

const refusals = ['CAROM_CIRCUIT_OPEN', 'CAROM_COMPARTMENT_FULL', 'CAROM_THROTTLED'];
/** Sums of fractions are off by a few bits. */
const bits = 1e-6;

/** `Infinity` stands for what has not happened. */
export class ModelShot {
  readonly call: Call;
  readonly limits: Limits;
  readonly controller = new AbortController();
  /** Attempts that failed of contention or overload: they count against the patience, not against the retries. */
  uncounted = 0;
  /** The errors of its attempts. */
  readonly errors = new Set<unknown>();
  watched: Watched<unknown> = { state: 'pending' };
  readonly #startedAt: Millis;
  #settledAt = Number.POSITIVE_INFINITY;
  #abortedAt = Number.POSITIVE_INFINITY;
  readonly #attempts: ModelAttempt[] = [];

  constructor(call: Call, defaults: CallOptions, now: Millis) {
    const { retries = 3, timeout, attemptTimeout, patience } = { ...defaults, ...given(call) };
    const endless = Number.POSITIVE_INFINITY;
    this.call = call;
    this.#startedAt = now;
    this.limits = {
      retries,
      timeout: timeout ?? endless,
      attemptTimeout: attemptTimeout ?? endless,
      patience: patience ?? endless,
    };
    if (call.signal === 'aborted') this.abort(now);
  }

  get attempts(): number {
    return this.#attempts.length;
  }

  /** Whether nothing but its own end, or an abort, can end an attempt. */
  get isEndless(): boolean {
    return Math.min(this.limits.timeout, this.limits.attemptTimeout) === Number.POSITIVE_INFINITY;
  }

  /** Follows the promise that its caller has. */
  follow(promise: Promise<unknown>, now: () => Millis): void {
    this.watched = watch(promise);
    const settled = (): void => {
      this.#settledAt = now();
    };
    promise.then(settled, settled);
  }

  abort(now: Millis): void {
    if (this.call.signal === 'none' || this.controller.signal.aborted) return;
    this.#abortedAt = now;
    this.controller.abort(new Error('aborted'));
  }

  /** An attempt begins. @returns what is wrong with that */
  begin(now: Millis, attempt: Attempt | undefined): string[] {
    const problems: string[] = [];
    if (now > this.#settledAt) problems.push('an attempt after the end of its shot');
    if (this.controller.signal.aborted) problems.push('an attempt after the abort');
    if (this.isPlaying(now)) problems.push('two attempts of a shot at a time');
    if (now >= this.#deadline + bits) problems.push('an attempt too late');
    const signal = attempt?.signal;
    this.#attempts.push({ began: now, ended: Number.POSITIVE_INFINITY, signal });
    if (attempt !== undefined && attempt.attempt !== this.attempts) {
      problems.push(`attempt ${this.attempts} is told that it is ${attempt.attempt}`);
    }
    return problems;
  }

  /** The attempt has its answer; where it was given up before, that changes nothing. */
  ended(attempt: number, now: Millis): void {
    const one = this.#attempts[attempt - 1];
    if (one !== undefined) one.ended = now;
  }

  /** Whether an attempt is on its way, and somebody waits for it. */
  isPlaying(now: Millis): boolean {
    const last = this.#attempts.at(-1);
    return last !== undefined && now < this.#endOf(last) - bits;
  }

  /** @returns what is wrong; `smooth` is whether the thread is never blocked, and no timer late */
  check(now: Millis, smooth: boolean): string[] {
    const { retries, patience } = this.limits;
    const { state, value, error } = this.watched;
    const problems: string[] = [];
    if (this.attempts > retries + 1 + this.uncounted) {
      problems.push(`${this.attempts} attempts, ${retries} retries, ${this.uncounted} uncounted`);
    }
    if (state === 'pending' && now >= this.#deadline + bits) {
      problems.push(`pending at ${now}, and its time was over at ${this.#deadline}`);
    }
    if (smooth && this.#waited(now) > patience + bits) {
      problems.push(`waited for ${this.#waited(now)} with a patience of ${patience}`);
    }
    if (state === 'fulfilled' && (value as Result).attempt !== this.attempts) {
      problems.push(`result of attempt ${(value as Result).attempt} of ${this.attempts}`);
    }
    if (smooth && this.#attempts.some((one) => !this.#isToldRight(one, now))) {
      problems.push('an attempt whose signal says something else');
    }
    if (state === 'rejected' && !this.#mayEndWith(error)) problems.push(`ended with ${error}`);
    return problems;
  }

  /** Whether its patience ends. */
  get isPatient(): boolean {
    return Number.isFinite(this.limits.patience);
  }

  get #deadline(): Millis {
    return this.#startedAt + this.limits.timeout;
  }

  /** What there is to see of it. */
  get seen(): readonly string[] {
    const { state, value, error } = this.watched;
    const { code } = (error ?? {}) as { readonly code?: string };
    const all: readonly (readonly [what: string, when: boolean])[] = [
      [code ?? '', code !== undefined],
      ['aborted', state === 'rejected' && error === this.controller.signal.reason],
      ['bounced, then done', state === 'fulfilled' && this.attempts > 1],
      ['never done well', state === 'fulfilled' && (value as Result).is === 'poor'],
      ['bounced beyond the retries', this.attempts > this.limits.retries + 1],
      [
        'late answer',
        this.#attempts.some((one) => Number.isFinite(one.ended) && one.ended > this.#limitOf(one)),
      ],
    ];
    return all.filter(([, when]) => when).map(([what]) => what);
  }

  /** When nobody waits for an attempt any more. */
  #limitOf({ began }: ModelAttempt): Millis {
    return Math.min(began + this.limits.attemptTimeout, this.#deadline, this.#abortedAt);
  }

  #endOf(attempt: ModelAttempt): Millis {
    return Math.min(attempt.ended, this.#limitOf(attempt), this.#settledAt);
  }

  /** Its signal aborts when it is given up, and only then. */
  #isToldRight(attempt: ModelAttempt, now: Millis): boolean {
    const limit = this.#limitOf(attempt);
    // Which of two comes first that come at once is nobody's business.
    if (attempt.signal === undefined || Math.abs(limit - attempt.ended) < bits) return true;
    return attempt.signal.aborted === (limit < attempt.ended && limit <= now + bits);
  }

  /** All time that was not spent in attempts. Discarding is not waiting, and takes time too. */
  #waited(now: Millis): Millis {
    if (this.call.adapter !== false && this.call.adapter.discard !== undefined) return 0;
    const busy = this.#attempts.reduce(
      (sum, attempt) => sum + Math.min(now, this.#endOf(attempt)) - attempt.began,
      0,
    );
    return Math.min(now, this.#settledAt) - this.#startedAt - busy;
  }

  /** With an error of its own, with the reason of the abort, or with one of Carom's. */
  #mayEndWith(error: unknown): boolean {
    if (this.errors.has(error)) return true;
    const { code } = error as { readonly code?: unknown };
    if (code === 'CAROM_TIMEOUT') return !this.isEndless;
    if (refusals.includes(code as string)) return this.attempts === 0;
    return this.controller.signal.aborted && error === this.controller.signal.reason;
  }
}

function given({ options }: Call): CallOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
