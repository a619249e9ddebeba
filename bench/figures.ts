/** Figures: what was found, compared with the base of the row and with Carom. */
import type { Entry } from './child/main.js';
import { keyOf } from './contender.js';
import type { Findings } from './measure.js';
import { median } from './median.js';
import { type Peer, type RowName, rows } from './rows.js';

/** What is known of one contender. Above the base: what its turn has more than the base's turn. */
export interface Figures {
  readonly row: RowName;
  readonly by: Peer | 'carom' | 'floor';
  readonly note: string | undefined;
  /** The median of all processes, and the ends. */
  readonly ns: number;
  readonly fastest: number;
  readonly slowest: number;
  /** The base's time in this one's. */
  readonly ratio: number;
  /** ns above the base. */
  readonly over: number;
  /** How many times Carom's time. */
  readonly times: number | undefined;
  /** Above the base, whole; undefined where it was not measured. */
  readonly bytes: number | undefined;
  /** Above the base. */
  readonly promises: number;
  /** Above the base; undefined where a timer is waited for. */
  readonly ticks: number | undefined;
}

/** The figures of all contenders but the bases. */
export function figuresOf(findings: Findings): readonly Figures[] {
  return findings.entries.flatMap((entry) =>
    isInRow(entry) ? [figuresOfOne(entry, findings)] : [],
  );
}

type RowEntry = Pick<Figures, 'row' | 'by' | 'note'>;

function isInRow(entry: Entry): entry is RowEntry {
  return entry.row !== 'base';
}

function figuresOfOne(entry: RowEntry, { times, bytes, steps }: Findings): Figures {
  const key = keyOf(entry);
  const base = keyOf({ row: 'base', by: rows[entry.row].base });
  const carom = keyOf({ row: entry.row, by: 'carom' });
  const ns = times.map((time) => median(time[key] ?? []));
  /** Compared round by round, then the middle of each process, then of all. */
  const paired = (compare: (own: number, other: number) => number, other: string): number =>
    median(
      times.map(({ [key]: own = [], [other]: others = [] }) =>
        median(own.map((value, round) => compare(value, others[round] ?? Number.NaN))),
      ),
    );
  const ownBytes = median(bytes.map((one) => (one[key] as number) - (one[base] as number)));
  const ownSteps = steps[key];
  const baseSteps = steps[base];
  const ticks = [ownSteps?.ticks, baseSteps?.ticks] as const;
  return {
    ...entry,
    ns: median(ns),
    fastest: Math.min(...ns),
    slowest: Math.max(...ns),
    ratio: paired((own, other) => own / other, base),
    over: paired((own, other) => own - other, base),
    times: carom in (times[0] ?? {}) ? paired((own, other) => own / other, carom) : undefined,
    bytes: key in (bytes[0] ?? {}) ? Math.round(ownBytes) : undefined,
    promises: (ownSteps?.promises ?? 0) - (baseSteps?.promises ?? 0),
    ticks: ticks[0] === undefined || ticks[1] === undefined ? undefined : ticks[0] - ticks[1],
  };
}
