/** The record of outcomes: what became of the work behind each error that went through Carom. */
import { type Outcome, processWide, type Verdict } from '@carom/core';

/** What Carom did about an error, for a person. */
export interface Explanation {
  readonly outcome: Outcome;
  readonly verdict: Verdict;
  /** Attempts played; 0 where none was. */
  readonly attempts: number;
  /** Why it was not played again. */
  readonly why: string;
  /** The datasource's name. */
  readonly datasource: string;
  /** Why the whole transaction could not be played again, where that was so. */
  readonly taint?: string;
}

// By error object and not on it: errors may be frozen, and drivers' errors stay as they are.
const records = (): WeakMap<object, Explanation> =>
  processWide('outcomes', () => new WeakMap<object, Explanation>());

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Records what became of the work behind `error`. What cannot be a key is not recorded. */
export function recordOutcome(error: unknown, explanation: Explanation): void {
  if (!isObject(error)) return;
  const before = records().get(error);
  // An inner shot's «unknown» stays unknown, whatever became of the transaction around it.
  const outcome = before?.outcome === 'unknown' ? 'unknown' : explanation.outcome;
  records().set(error, { ...explanation, outcome });
}

/**
 * What became of the work behind `error`: `not-executed`, `rolled-back`, `unknown` or `committed`;
 * `undefined` for an error that did not go through Carom.
 */
export function outcomeOf(error: unknown): Outcome | undefined {
  return isObject(error) ? records().get(error)?.outcome : undefined;
}

/** What Carom tried, and why it stopped; `undefined` for an error that did not go through Carom. */
export function explain(error: unknown): Explanation | undefined {
  return isObject(error) ? records().get(error) : undefined;
}
