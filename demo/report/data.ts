/** The data of a report: what a demo was, and what came of it. */
import type { FaultKind } from '../faults/kinds.js';
import type { RunResult } from '../tally/result.js';

/** Everything the page tells. */
export interface ReportData {
  readonly seed: number;
  /** Of load, all runs together. */
  readonly seconds: number;
  /** The length of one run, in ms. */
  readonly runMs: number;
  readonly faults: Readonly<Record<FaultKind | 'total', number>>;
  readonly results: readonly RunResult[];
}
