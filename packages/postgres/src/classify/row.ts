/** A row is one piece of knowledge about a failure: what it means, what became of the work, and why. */
import type { ConnectionAdvice, FailedOutcome, VerdictKind } from '@carom/core';

/** One line of a table of known failures, as it stands for an autocommit statement. */
export interface Row {
  readonly kind: VerdictKind;
  /** What became of an autocommit statement that failed so. */
  readonly outcome: FailedOutcome;
  readonly connection: ConnectionAdvice;
  /** One line for a person. */
  readonly reason: string;
  /** What became of the transaction when COMMIT failed so. Default: `outcome`. */
  readonly atCommit?: FailedOutcome;
  /**
   * Whether the row holds when the severity is FATAL or PANIC.
   * `by-nature`: such failures are always FATAL; the whole row was written with that in mind.
   * `undone`: `outcome` holds all the same; `atCommit` does not, and the connection is gone.
   * Default: nothing that says "rolled back" holds, since a session can die inside its own commit.
   */
  readonly fatal?: 'by-nature' | 'undone';
  /** `unknown` by definition: not even an open transaction makes it known. Default false. */
  readonly neverKnown?: boolean;
  /** Rolled back where it is certain that no CommandComplete arrived. Default false. */
  readonly undoneUnlessComplete?: boolean;
  /** May be the trace of an earlier attempt whose outcome stayed unknown. Default false. */
  readonly maybeOwnTrace?: boolean;
}

/** What a row may say beyond its four columns. */
export type RowExtras = Omit<Row, 'kind' | 'outcome' | 'connection' | 'reason'>;

/** One row, in the column order of the tables. */
export function row(
  kind: VerdictKind,
  outcome: FailedOutcome,
  connection: ConnectionAdvice,
  reason: string,
  extras?: RowExtras,
): Row {
  return { kind, outcome, connection, reason, ...extras };
}

/** A server ERROR that comes again however often it is asked: undone, and the session is well. */
export function refused(reason: string, extras?: RowExtras): Row {
  return row('permanent', 'rolled-back', 'keep', reason, extras);
}

/** A refusal before anything was sent: bad arguments, bad configuration, a bug in the calling code. */
export function unsent(reason: string): Row {
  return row('permanent', 'not-executed', 'keep', reason);
}

/** The reply is lost: only the phase can tell more. */
export function lost(reason: string): Row {
  return row('outage', 'unknown', 'discard', reason);
}

/** What is said of an error that no table knows: nothing is certain about it, and a retry has no ground. */
export const unrecognised: Row = row(
  'permanent',
  'unknown',
  'discard',
  'not an error that a Postgres server or driver is known to raise',
);
