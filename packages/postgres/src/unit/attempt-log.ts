/** The log of one attempt: how far it got, which is what makes an error's outcome (phase tracking). */
import { type Millis, systemClock, type Verdict } from '@carom/core';
import { classify } from '../classify/classify.js';
import type { FailureContext, Phase } from '../classify/phase.js';
import { settlementOf } from '../commit/settlement.js';
import { wasCalledBack } from '../connection/waiting-room.js';
import { Noting } from './notes.js';
import { mayReachOut, Sent } from './sent.js';

/** A caller's own classification; `undefined` leaves the error to Carom's. */
export type Classify = (error: unknown, context: FailureContext) => Verdict | undefined;

/** What a log judges errors with. */
export interface Judging {
  readonly classify?: Classify | undefined;
  /** Why the statement commits by itself; asked only after it failed. */
  refusal?(): string | undefined;
  /** Whether it is a write that must not be done twice; asked only when nobody waits any more. */
  isWrite?(): boolean;
  /** Told by one that was declared READ ONLY that it does something all the same; perhaps more than once. */
  reachedOut?: (() => void) | undefined;
  /** The caller declared the transaction read-only, so that a refused write is the caller's mistake. */
  readonly readOnly?: boolean | undefined;
}

/** One attempt at a statement or at a whole transaction. A new attempt gets a new log. */
export class AttemptLog extends Noting {
  /** Counts from 1. */
  readonly attempt: number;
  /** How far it got. */
  phase: Phase = 'acquire';
  /** Whether the work is an explicit transaction. */
  readonly inTransaction: boolean;
  /** Whether a CommandComplete arrived for the statement; `undefined` where the driver hides it. */
  completed: boolean | undefined = undefined;
  /** The driver's connection that it was played on last; undefined where it has had none, or nobody saw it. */
  connection: object | undefined = undefined;
  readonly #judging: Judging;

  constructor(inTransaction: boolean, judging: Judging = {}, attempt: number = 1) {
    super();
    this.inTransaction = inTransaction;
    this.attempt = attempt;
    this.#judging = judging;
  }

  /** Whether nobody waits for this attempt any more. It must not send another byte. */
  get abandoned(): boolean {
    return this.notes?.abandoned !== undefined;
  }

  /** Whether only the server's answer tells what became of it. */
  get answerMatters(): boolean {
    return !this.inTransaction && this.#judging.isWrite?.() === true;
  }

  /** Freezes the phase: what this attempt does later is not what was waited for. */
  abandon(): void {
    this.page.abandoned ??= this.#context();
  }

  /** Nobody waits any more, because of `reason`: freezes the phase, and cancels what can be cancelled. */
  cancelFor(reason: unknown): PromiseLike<unknown> | undefined {
    this.abandon();
    return this.cancel?.(reason);
  }

  /** Notes that the attempt ended by itself: how is known better then than why nobody waited any more. */
  ended(end?: { readonly error: unknown }): void {
    const { page } = this;
    page.isOver = true;
    if (this.abandoned) page.late ??= end;
    page.over?.();
  }

  /** Resolves after `limit` ms, unless the attempt ends by itself before: whoever plays it hears of that. */
  stillRunning(limit: Millis): Promise<void> {
    return new Promise((resolve) => {
      const { page } = this;
      if (page.isOver) return;
      const timer = systemClock.after(limit, resolve);
      const before = page.over;
      page.over = (): void => {
        before?.();
        timer.cancel();
      };
    });
  }

  /** Notes a statement before it is sent on the transaction's handle. */
  send(sql: string | undefined): void {
    const { page } = this;
    page.sent ??= new Sent();
    page.sent.add(sql);
    page.escape ??= page.sent.escape;
    const { reachedOut } = this.#judging;
    if (reachedOut === undefined || !mayReachOut(sql)) return;
    page.sent.reachesOut = true;
    reachedOut();
  }

  /** Whether the session may hold a lock after ROLLBACK. */
  get holdsSessionLock(): boolean {
    return this.notes?.sent?.holdsSessionLock === true;
  }

  /** Whether it was declared READ ONLY, and did something all the same. */
  get reachesOut(): boolean {
    return this.notes?.sent?.reachesOut === true;
  }

  /** Whether every statement sent so far was provably read-only. */
  get readOnly(): boolean {
    return this.notes?.sent?.readOnly ?? true;
  }

  /** Notes an error that the transaction's own handle gave. */
  note(error: unknown): void {
    const { page } = this;
    page.seen ??= new Set();
    page.seen.add(error);
  }

  /** The first error that the handle gave. */
  get firstSeen(): unknown {
    const [first] = this.notes?.seen ?? [];
    return first;
  }

  /** Whether the handle gave `error`, or an error that it wraps. */
  saw(error: unknown): boolean {
    const seen = this.notes?.seen;
    if (seen === undefined) return false;
    let current = error;
    for (let level = 0; level < 10 && current !== undefined && current !== null; level++) {
      if (seen.has(current)) return true;
      if (typeof current !== 'object') return false;
      current = (current as { readonly cause?: unknown }).cause;
    }
    return false;
  }

  /** Judges `error` by how far this attempt got; the same error is judged once. */
  verdict(error: unknown): Verdict {
    const { page } = this;
    if (page.last !== undefined && page.last.error === error) return page.last.verdict;
    const { late } = page;
    const context = page.abandoned ?? this.#context();
    const verdict = settled(
      this.#judging.classify?.(error, context) ?? this.#classify(error, context),
      late?.error ?? error,
      late === undefined ? undefined : this.#context(),
    );
    const judged = this.gated || wasCalledBack(error) ? { ...verdict, gated: true } : verdict;
    page.last = { error, verdict: judged };
    return judged;
  }

  /** What to do with its connection after `error`; where a caller's own classification fails, nobody knows what state it is in. */
  adviceOn(error: unknown): Verdict['connection'] {
    try {
      return this.verdict(error).connection ?? 'discard';
    } catch {
      return 'discard';
    }
  }

  #classify(error: unknown, context: FailureContext): Verdict {
    const verdict = this.#behindRefusal(classify(error, context), context);
    const isLimit = this.limited && verdict.code === '57014' && isStatementTimeout(error);
    // The clock on this side was late; it is the same clock.
    return isLimit
      ? { ...verdict, kind: 'outage', reason: 'the time of the attempt was over' }
      : verdict;
  }

  /** A transaction that Carom's own question aborted (25P02) failed as the question did, whoever heard of it. */
  #behindRefusal(verdict: Verdict, context: FailureContext): Verdict {
    const refused = verdict.code === '25P02' ? this.guard?.refused : undefined;
    return refused === undefined ? verdict : classify(refused, context);
  }

  #context(): FailureContext {
    const { phase, completed } = this;
    if (phase === 'statement') this.escape ??= this.#judging.refusal?.();
    return {
      phase,
      ...(this.waitsIn?.isBusy === true && { poolBusy: true }),
      ...(completed === undefined ? {} : { completed }),
      inTransaction: this.inTransaction,
      // It is the guard that sends COMMIT, and it says so.
      commitUnsent: this.guard !== undefined && phase !== 'commit',
      commitsItself: this.escape !== undefined,
      readOnlyIntended: this.#judging.readOnly === true,
    };
  }
}

/** The words are translated; a cancel request says otherwise in every language that has this word. */
function isStatementTimeout(error: unknown): boolean {
  return /timeout/i.test(String((error as { readonly message?: unknown } | null)?.message));
}

/** The verdict with what is known better: by asking about a lost COMMIT, or from how a cancelled attempt ended. */
function settled(verdict: Verdict, error: unknown, late: FailureContext | undefined): Verdict {
  const settlement = settlementOf(error);
  if (settlement !== undefined) {
    // A committed one does not fail; a hook that failed after it is judged elsewhere.
    const outcome = settlement.outcome === 'rolled-back' ? 'rolled-back' : 'unknown';
    return { ...verdict, outcome, reason: `${verdict.reason}; ${settlement.reason}` };
  }
  if (late === undefined || verdict.outcome !== 'unknown') return verdict;
  const { outcome, reason } = classify(error, late);
  return { ...verdict, outcome, reason: `${verdict.reason}; ${reason}` };
}

/** Plays, and notes in the log how it ended. */
export async function noting<T>(log: AttemptLog, play: () => PromiseLike<T>): Promise<T> {
  try {
    const value = await play();
    log.ended();
    return value;
  } catch (error) {
    log.ended({ error });
    throw error;
  }
}
