/** A phase is how far an attempt had come when it failed; it settles what the error alone leaves open. */
import type { ConnectionAdvice, FailedOutcome } from '@carom/core';
import type { Evidence } from './evidence.js';
import type { Row } from './row.js';

/** What was being done when it failed. */
export type Phase = 'acquire' | 'connect' | 'begin' | 'statement' | 'commit' | 'rollback';

/** What the caller knows of the failed attempt, and no error tells. */
export interface FailureContext {
  /** Default `statement`. */
  readonly phase?: Phase;
  /** Every connection that the pool may have was at work, and the attempt waited for one of them. Default false. */
  readonly poolBusy?: boolean;
  /** The statement was inside an explicit transaction whose COMMIT was not sent. Default false. */
  readonly inTransaction?: boolean;
  /** The caller has COMMIT in its own hands and has not sent it, whatever SQL stands in the error. Default false. */
  readonly commitUnsent?: boolean;
  /** The statement commits by itself (CALL, DO, VACUUM, multi-statement text). Default false. */
  readonly commitsItself?: boolean;
  /** Whether a CommandComplete arrived for the statement; `undefined`, the default, where the driver hides it. */
  readonly completed?: boolean | undefined;
  /** The caller meant the session to be read-only, so that 25006 is the caller's own mistake. Default false. */
  readonly readOnlyIntended?: boolean;
  /** An earlier attempt of the same write ended unknown, so that 23505 may be its trace. Default false. */
  readonly afterUnknown?: boolean;
}

/** What became of the work, and why the phase says so where it does. */
export interface Settled {
  readonly outcome: FailedOutcome;
  readonly because?: string;
}

/** Whether the session died with the error in a way that the row did not foresee. */
function isUnforeseenDeath(row: Row, { severity }: Evidence): boolean {
  return severity === 'fatal' && row.fatal === undefined;
}

function settleCommit(row: Row, evidence: Evidence): Settled {
  const outcome = row.atCommit ?? row.outcome;
  const died = evidence.severity === 'fatal' && row.fatal !== 'by-nature';
  if (outcome === 'rolled-back' && died) {
    return { outcome: 'unknown', because: 'the session died while it committed' };
  }
  return outcome === 'unknown' ? { outcome, because: 'COMMIT may have been done' } : { outcome };
}

/** "Any error after sending is unknown": only what was surely never sent is not. */
function settleSelfCommitting(row: Row, { sqlstate, severity }: Evidence): Settled {
  const refusedInside = sqlstate !== undefined && severity !== 'fatal';
  if (row.outcome === 'not-executed' && !refusedInside) return { outcome: 'not-executed' };
  return { outcome: 'unknown', because: 'the statement commits by itself and may be part done' };
}

function settleAutocommit(row: Row, evidence: Evidence, completed: boolean | undefined): Settled {
  if (row.undoneUnlessComplete && completed === false) {
    return { outcome: 'rolled-back', because: 'the statement was not complete' };
  }
  if (row.outcome === 'rolled-back' && isUnforeseenDeath(row, evidence)) {
    return { outcome: 'unknown', because: 'the session died, perhaps inside its own commit' };
  }
  return { outcome: row.outcome };
}

/** What became of the work of an attempt that failed with `row` in the phase that `context` names. */
export function settle(row: Row, evidence: Evidence, context: FailureContext): Settled {
  switch (context.phase) {
    case 'acquire':
    case 'connect':
    case 'begin':
      return row.outcome === 'unknown' || isUnforeseenDeath(row, evidence)
        ? { outcome: 'not-executed', because: 'no statement was sent yet' }
        : { outcome: row.outcome };
    case 'rollback':
      return { outcome: 'rolled-back' };
    case 'commit':
      // A text that commits and goes on may fail after its COMMIT as well.
      return context.commitsItself
        ? settleSelfCommitting(row, evidence)
        : settleCommit(row, evidence);
    default:
  }
  if (row.neverKnown) return { outcome: 'unknown' };
  if (context.commitsItself) return settleSelfCommitting(row, evidence);
  if (!context.inTransaction) return settleAutocommit(row, evidence, context.completed);
  // PostgreSQL aborts an open transaction when its session ends, however it ends.
  return row.outcome === 'unknown'
    ? { outcome: 'rolled-back', because: 'COMMIT was not sent, so the transaction is undone' }
    : { outcome: row.outcome };
}

/** What to do with the connection after it. */
export function adviceFor(row: Row, evidence: Evidence, phase: Phase): ConnectionAdvice {
  if (row.connection !== 'keep') return row.connection;
  const died = evidence.severity === 'fatal' && row.fatal !== 'by-nature';
  return died || phase === 'rollback' ? 'discard' : 'keep';
}
