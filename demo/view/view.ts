/** A view shows the demo while it runs: to a person at a terminal, or as lines in a log. */
import type { FaultKind } from '../faults/kinds.js';
import type { StrategyName } from '../strategies.js';
import type { Decisions } from '../tally/decisions.js';
import type { RunResult } from '../tally/result.js';
import type { Tally } from '../tally/tally.js';

/** A run as it is at one moment. Times in ms. */
export interface Moment {
  readonly strategy: StrategyName;
  readonly elapsed: number;
  readonly runMs: number;
  readonly tally: Tally;
  readonly inFlight: number;
  /** What Carom told so far. */
  readonly decisions: Decisions | undefined;
}

export interface View {
  /** Something is being made ready, and takes a moment. */
  preparing(what: string): void;
  /** A fault begins, so many ms after the beginning of the run. */
  fault(strategy: StrategyName, at: number, kind: FaultKind): void;
  tick(moment: Moment): void;
  end(result: RunResult): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** `4.2 s`, `850 ms`. */
export function duration(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** `12,345`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function plural(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
