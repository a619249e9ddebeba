/** The errors of a client that does not lie: outcome unknown, and a rollback that looked like success. */
import { CaromError } from '@carom/core';
import type { Phase } from '../classify/phase.js';

/** What is known about a write of which nobody can say whether it was done. */
export interface UnknownOutcome {
  /** The datasource's name. */
  readonly datasource: string;
  /** How far the last attempt got. */
  readonly phase: Phase;
  /** One line: why nobody can say. */
  readonly reason: string;
  /** The driver's own error, or the abort or timeout that ended the wait. */
  readonly cause: unknown;
}

/**
 * The write may have been done and may not have been: the connection was lost after it was sent and
 * before the answer came. It is not played again. The driver's own error is the `cause`.
 */
export class OutcomeUnknownError extends CaromError {
  override readonly name = 'OutcomeUnknownError';
  readonly datasource: string;
  readonly phase: Phase;
  readonly reason: string;

  constructor({ datasource, phase, reason, cause }: UnknownOutcome) {
    super(
      'CAROM_OUTCOME_UNKNOWN',
      `nobody can say whether this write was done on ${datasource}: ${reason}`,
      { cause },
    );
    this.datasource = datasource;
    this.phase = phase;
    this.reason = reason;
  }
}

/**
 * COMMIT was answered with ROLLBACK: a statement had failed, its error was swallowed, and Postgres
 * undid everything without an error of its own. The swallowed error is the `cause`, where it was seen.
 */
export class SilentRollbackError extends CaromError {
  override readonly name = 'SilentRollbackError';

  constructor(cause?: unknown) {
    super(
      'CAROM_SILENT_ROLLBACK',
      'the transaction was rolled back at COMMIT: a statement in it had failed and the error was swallowed',
      cause === undefined ? undefined : { cause },
    );
  }
}
