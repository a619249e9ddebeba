/** A report is the verdict of an audit: how many of what, and each write of which the claim is not true. */
import type { Claim, Expectation } from './entry.js';

/**
 * `duplicate`: found more than once. `lost`: said to be done, and not found. `present-though-not-done`: said not to be done,
 * and found. `never-attempted`: found, and nobody has written it.
 */
export type Problem = 'duplicate' | 'lost' | 'present-though-not-done' | 'never-attempted';

/** One write of which the claim is not true. A write can have two: said not to be done, and found twice. */
export interface Wrong {
  readonly id: string;
  readonly problem: Problem;
  readonly expected: Expectation;
  /** How often it is in the database. */
  readonly found: number;
  /** What was claimed; undefined for a write that was never attempted. */
  readonly outcome: Claim | undefined;
}

/** Numbers of writes. */
export interface LedgerCounts {
  readonly attempted: number;
  readonly acknowledged: number;
  /** All that ended with an error. */
  readonly failed: number;
  /** Of these, by what `outcomeOf(error)` says: not-executed or rolled-back. */
  readonly notDone: number;
  readonly committed: number;
  readonly unknown: number;
  /** Failed with an error of which `outcomeOf` knows nothing. */
  readonly unclaimed: number;
  /** Neither acknowledged nor failed yet. */
  readonly pending: number;
  readonly duplicates: number;
  readonly lost: number;
  /** Present though not done. */
  readonly liars: number;
  readonly neverAttempted: number;
}

/** What an audit found. */
export interface LedgerReport {
  /** Whether every claim is true. */
  readonly ok: boolean;
  readonly counts: LedgerCounts;
  readonly wrong: readonly Wrong[];
  /** Says what is wrong, by id. */
  toString(): string;
}

const shownAtMost = 20;

function line({ id, problem, expected, found, outcome }: Wrong): string {
  return `  ${id}: ${problem}: ${outcome ?? 'never attempted'}, expected ${expected}, found ${found}`;
}

/** The report as text: one line of numbers, one for each of the first wrong writes. */
export function describeReport(counts: LedgerCounts, wrong: readonly Wrong[]): string {
  const { attempted, acknowledged, notDone, unknown, unclaimed, pending } = counts;
  const head =
    `ledger: ${wrong.length === 0 ? 'all is as claimed' : `${wrong.length} wrong`} ` +
    `(${attempted} writes: ${acknowledged} acknowledged, ${notDone} not done, ${counts.committed} committed with an error, ` +
    `${unknown} unknown, ${unclaimed} without a claim, ${pending} pending)`;
  const more = wrong.length - shownAtMost;
  return [
    head,
    ...wrong.slice(0, shownAtMost).map(line),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ].join('\n');
}
