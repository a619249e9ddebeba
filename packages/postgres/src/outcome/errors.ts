/** The errors of a client that does not lie: outcome unknown, and a rollback that looked like success. */
import { CaromError, type Outcome } from '@carom/core';
import type { Phase } from '../classify/phase.js';
import type { Ticket } from '../commit/ticket.js';

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
  /** With what it can be asked about again. */
  readonly ticket?: Ticket | undefined;
  /** Asks again. */
  readonly resolve?: (() => Promise<Settled>) | undefined;
}

/** What a later question can be answered with. */
export type Settled = Extract<Outcome, 'committed' | 'rolled-back' | 'unknown'>;

/**
 * The write may have been done and may not have been: the connection was lost after it was sent and
 * before the answer came. It is not played again. The driver's own error is the `cause`.
 */
export class OutcomeUnknownError extends CaromError {
  override readonly name = 'OutcomeUnknownError';
  readonly datasource: string;
  readonly phase: Phase;
  readonly reason: string;
  /**
   * What another process needs to ask the same: `resolveOutcome(ticket, pool)`. JSON, without address, SQL or values.
   * Undefined where nothing can be asked: a single statement without `exactlyOnce`, a server that is not known.
   */
  readonly ticket: Ticket | undefined;
  readonly #resolve: (() => Promise<Settled>) | undefined;

  constructor({ datasource, phase, reason, cause, ticket, resolve }: UnknownOutcome) {
    super(
      'CAROM_OUTCOME_UNKNOWN',
      `nobody can say whether this write was done on ${datasource}: ${reason}`,
      { cause },
    );
    this.datasource = datasource;
    this.phase = phase;
    this.reason = reason;
    this.ticket = ticket;
    this.#resolve = resolve;
  }

  /**
   * Asks the server again, for up to ten seconds. `committed` runs what `afterCommit` was given, once. May be called
   * any number of times; `unknown` where nothing can be asked, or the answer is still not there.
   */
  async resolve(): Promise<Settled> {
    return (await this.#resolve?.()) ?? 'unknown';
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
