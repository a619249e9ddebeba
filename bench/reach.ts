/** The reach: what is promised, in words, and whether the figures keep it. */
import type { Figures } from './figures.js';
import type { Worse } from './gate.js';
import { type Figure, type RowName, rowNames, rows, type Target } from './rows.js';

const plural = (value: string, what: string): string =>
  `${value} ${what}${value === '1' ? '' : 's'}`;

/** How a figure is written. */
const words: Readonly<Record<Figure | 'times', (value: string) => string>> = {
  ratio: (value) => `${value}× base`,
  over: (value) => `${value} ns over base`,
  bytes: (value) => `${value} B`,
  promises: (value) => plural(value, 'promise'),
  ticks: (value) => plural(value, 'tick'),
  times: (value) => `${value}×`,
};

/** What a row is to reach, in words. */
export const reachOf = (row: RowName): string =>
  rows[row].reach
    .map((target) => {
      if (target.figure === 'times') return `≥ ${target.limit}× faster than ${target.peer}`;
      return `≤ ${words[target.figure](String(target.limit))}`;
    })
    .join(', ');

/** What a row does not reach, in words; empty where it reaches all. */
export function missesOf(row: RowName, figures: readonly Figures[]): readonly string[] {
  return rows[row].reach.flatMap((target) => {
    const value = figureOf(target, row, figures);
    if (value === undefined) return [];
    const missed = target.figure === 'times' ? value < target.limit : value > target.limit;
    if (!missed) return [];
    const text = words[target.figure](rounded(value));
    return [target.figure === 'times' ? `${text} ${target.peer}` : text];
  });
}

/** How far from the reach a figure must be before noise can't explain it; undefined: it has none. */
const gross: Readonly<Record<Target['figure'], ((limit: number) => number) | undefined>> = {
  ratio: (limit) => limit * 3,
  // A busy machine adds some ns to anything, and a few ns are soon tenfold.
  over: (limit) => limit * 10,
  // Compared with the baseline, exactly.
  bytes: undefined,
  promises: undefined,
  ticks: undefined,
  // The peers' matter.
  times: undefined,
};

/** Figures grossly beyond the reach. */
export function grossMisses(figures: readonly Figures[]): readonly Worse[] {
  return rowNames.flatMap((row) =>
    rows[row].reach.flatMap((target) => {
      const value = figureOf(target, row, figures);
      const most = gross[target.figure]?.(target.limit);
      if (value === undefined || most === undefined || value <= most) return [];
      const say = words[target.figure];
      const why = `is ${say(rounded(value))}; ${say(String(target.limit))} is to be reached, ${say(String(most))} allowed`;
      return [{ name: `${row}.${target.figure}`, why }];
    }),
  );
}

/** Undefined where it was not measured. */
function figureOf(target: Target, row: RowName, figures: readonly Figures[]): number | undefined {
  const by = target.figure === 'times' ? target.peer : 'carom';
  return figures.find((one) => one.row === row && one.by === by)?.[target.figure];
}

/** Three digits: more would be noise. */
export function rounded(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(value), 0.01))));
  return String(Number(value.toFixed(Math.min(digits, 2))));
}
