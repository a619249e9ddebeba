/** A verdict is what one failed attempt means: what went wrong, and what became of the work. */
import type { Millis } from './clock.js';

/**
 * What went wrong.
 * - `contention`: the server is well and refused this work because of other work (a deadlock).
 * - `outage`: the server is not there, or went away.
 * - `overload`: the server or a pool is full.
 * - `stale`: this connection is no good any more; the server is.
 * - `permanent`: it answered, and the answer is no.
 * - `cancelled`: the caller took the shot back.
 */
export type VerdictKind =
  | 'contention'
  | 'outage'
  | 'overload'
  | 'stale'
  | 'permanent'
  | 'cancelled';

/**
 * What became of the work of the failed attempt.
 * - `not-executed`: it never reached the server, or the server never began it.
 * - `rolled-back`: the server began it and has undone it.
 * - `unknown`: nobody on this side of the wire can tell.
 */
export type FailedOutcome = 'not-executed' | 'rolled-back' | 'unknown';

/** What became of a shot's work; `committed` where a lost answer was settled later. */
export type Outcome = FailedOutcome | 'committed';

/** What to do with the connection: put it back, destroy it, or destroy all that are like it. */
export type ConnectionAdvice = 'keep' | 'discard' | 'drain';

/** The judgement on one failed attempt. */
export interface Verdict {
  readonly kind: VerdictKind;
  readonly outcome: FailedOutcome;
  readonly connection: ConnectionAdvice;
  /** SQLSTATE, Node, driver or Prisma code: what a person would search for. */
  readonly code?: string;
  /** How long the server asked to wait before the next attempt, in ms. */
  readonly retryAfter?: Millis;
  /**
   * What lets the next attempt in keeps the pace itself, a gate or a cushion (circuit breaker): the bounce is neither delayed nor
   * counted, and costs no budget.
   */
  readonly gated?: boolean;
  /** One line for a person: why this verdict. */
  readonly reason: string;
}

const kinds: Readonly<Record<VerdictKind, true>> = {
  contention: true,
  outage: true,
  overload: true,
  stale: true,
  permanent: true,
  cancelled: true,
};

const outcomes: Readonly<Record<FailedOutcome, true>> = {
  'not-executed': true,
  'rolled-back': true,
  unknown: true,
};

/** Whether a classifier gave one: its kind decides whether work is done again, and its outcome whether it may be. */
export function isVerdict(value: unknown): value is Verdict {
  const { kind = '', outcome = '' } = (value ?? {}) as Partial<Verdict>;
  return Object.hasOwn(kinds, kind) && Object.hasOwn(outcomes, outcome);
}
