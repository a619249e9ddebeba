/** A spread is what many seeds make of one figure: its median, its least, its greatest. */
import type { Figures } from './figures.js';

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export type Spreads = Readonly<Record<keyof Figures, Spread>>;

export function spreads(runs: readonly Figures[]): Spreads {
  const names = Object.keys(runs[0] ?? {}) as (keyof Figures)[];
  const entries = names.map((name) => [name, spread(runs.map((run) => run[name]))]);
  return Object.fromEntries(entries) as Spreads;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { median: at(0.5), min: at(0), max: at(1) };
}
