/** The figures of one run: what came of one outage with one strategy through one adapter. */
import type { Millis } from '@carom/core';
import { type Left, nothing } from './leftovers.js';

export interface Figures {
  readonly shots: number;
  /** The caller got an error that does not leave open whether it was done. */
  readonly failed: number;
  /** The caller got an error that does. */
  readonly unknown: number;
  /** Of these, those that the level in use could have known. */
  readonly needlesslyUnknown: number;
  /** In the database more than once. */
  readonly duplicates: number;
  /** Said to be done, and not there. */
  readonly lost: number;
  /** Said not to be done, and there. */
  readonly denied: number;
  /** Never answered. */
  readonly hung: number;
  /** Connections and statements that a proxy before the server saw while it was in trouble. */
  readonly attemptsAtServer: number;
  /** Of these, connections. */
  readonly connections: number;
  /** From the moment the server is well until 95 % of the callers have had an answer again. */
  readonly recoveryMs: Millis | undefined;
  /** Until 95 % of those that waited at that moment have been served; undefined where nobody waited. */
  readonly parkedMs: Millis | undefined;
  /** How many waited at that moment. */
  readonly parked: number;
  readonly p50: Millis | undefined;
  readonly p99: Millis | undefined;
  /** Successes per second before the trouble, and in it. */
  readonly calm: number;
  readonly trouble: number;
  /** What was left when all was over. */
  readonly left: Left;
  /** What only this scenario counts. */
  readonly more?: Readonly<Record<string, number>>;
  /** What the errors said, with how often. */
  readonly errors: Readonly<Record<string, number>>;
  readonly timeline?: Timeline;
}

/** For the charts; times in ms from the start of the run. */
export interface Timeline {
  readonly stretch: Millis;
  readonly succeeded: readonly number[];
  readonly errors: readonly number[];
  readonly brokenAt: Millis | undefined;
  readonly wellAt: Millis | undefined;
}

/** The value that so many of a hundred do not exceed. */
export function percentile(values: readonly number[], percent: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
}

/** A run of which nothing was counted. */
export const emptyFigures: Figures = {
  ...{ shots: 0, failed: 0, unknown: 0, needlesslyUnknown: 0, duplicates: 0, lost: 0, denied: 0 },
  ...{ hung: 0, attemptsAtServer: 0, connections: 0, parked: 0, calm: 0, trouble: 0 },
  ...{ recoveryMs: undefined, parkedMs: undefined, p50: undefined, p99: undefined },
  ...{ left: nothing, errors: {} },
};
