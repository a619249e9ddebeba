/** A transaction shot: a whole transaction as the engine plays it (the unit of retry). */
import {
  type Attempt,
  finalSequence,
  isCaromError,
  isFinalSince,
  type Millis,
  type Shot,
  systemClock,
  type Verdict,
} from '@carom/core';
import { AttemptLog, type Judging, noting } from './attempt-log.js';
import type { UnitBase } from './base.js';
import { CommitHooks } from './commit-hooks.js';
import { conclude } from './conclude.js';
import { discard } from './discard.js';
import { enterScope, openScope, type Scope, taintAround, taintScopes } from './scope.js';

/** One transaction as an adapter describes it. */
export interface Transaction<T> {
  readonly name: string;
  readonly base: UnitBase;
  /** Whether the caller declared it read-only. */
  readonly readOnly: boolean;
  /** The caller's code, which tells transactions that do the same from others. */
  readonly callback?: unknown;
  /**
   * Plays the whole transaction on a fresh handle and keeps `log` true. Runs the caller's callback
   * through `inside`.
   */
  play(attempt: Attempt, log: AttemptLog, inside: <R>(callback: () => R) => R): PromiseLike<T>;
}

/** Makes the shot. Once per call: it holds the log of the attempt that is on its way. */
export function transactionShot<T>(transaction: Transaction<T>): Shot<T> {
  const { name, base } = transaction;
  const { datasource, key, idempotent, resolver } = base;
  const judging: Judging = {
    classify: base.classify,
    // What a batch is shows only when it is sent.
    get readOnly() {
      return transaction.readOnly;
    },
  };
  let log = new AttemptLog(true, judging);
  let scope: Scope | undefined;
  let began = 0;
  let shotBegan: Millis | undefined;
  const declared = (): boolean => transaction.readOnly && !log.reachesOut;
  if (!idempotent) taintScopes(key, { name, isWrite: () => !declared() });
  if (transaction.readOnly) {
    judging.reachedOut = () => {
      // The units around it have taken it for a read.
      if (!idempotent) taintAround(scope, key, name);
    };
  }
  const readOnly = (): boolean => declared() || log.readOnly;
  const taint = (): string | undefined => (idempotent ? undefined : scope?.taint);
  return {
    name,
    service: datasource,
    signature: () => sourceOf(transaction.callback),
    phase: () => log.phase,
    async play(attempt) {
      const mine = new AttemptLog(true, judging, attempt.attempt);
      const inner = openScope(key, new CommitHooks());
      // Without a clock or a signal nobody asks.
      if (attempt.abandonable) mine.shotBegan = shotBegan ??= systemClock.now();
      log = mine;
      scope = inner;
      began = finalSequence();
      try {
        const value = await noting(mine, () =>
          transaction.play(attempt, mine, (callback) => enterScope(inner, callback)),
        );
        inner.hooks?.run();
        return value;
      } finally {
        inner.settled = true;
      }
    },
    cancel: (reason) => log.cancelFor(reason),
    judge: (error) => judgeTransaction(error, log, began, taint()),
    repeatable: () => idempotent || readOnly(),
    discard: (verdict) => discard(transaction, verdict, log),
    conclude: (error, end) =>
      conclude(error, end, {
        datasource,
        operation: name,
        phase: log.phase,
        isWrite: !readOnly(),
        taint: taint(),
        ticket: log.guard?.ticket,
        resolver,
        onCommitted: () => scope?.hooks?.run(),
      }),
  };
}

/** The source text of a function; a function object is a new one for each call. */
function sourceOf(callback: unknown): string | undefined {
  // Not its own `toString`, which is anybody's code.
  return typeof callback === 'function' ? Function.prototype.toString.call(callback) : undefined;
}

/** What an error makes of a transaction that came as far as `log` says. */
export function judgeTransaction(
  error: unknown,
  log: AttemptLog,
  began: number = finalSequence(),
  taint?: string,
): Verdict {
  if (isCaromError(error) && error.code === 'CAROM_SILENT_ROLLBACK') {
    return permanent('rolled-back', 'COMMIT was answered with ROLLBACK');
  }
  if (log.escape !== undefined) return permanent('unknown', log.escape);
  // An error of the callback's own says nothing about the database: the transaction is undone.
  if (log.phase === 'statement' && !log.abandoned) {
    if (isFinalSince(error, began)) return permanent('rolled-back', 'a shot inside it failed');
    if (!log.saw(error)) return permanent('rolled-back', 'the callback threw an error of its own');
  }
  const verdict = log.verdict(error);
  return taint === undefined ? verdict : { ...verdict, kind: 'permanent', reason: taint };
}

function permanent(outcome: 'rolled-back' | 'unknown', reason: string): Verdict {
  return { kind: 'permanent', outcome, connection: 'keep', reason };
}
