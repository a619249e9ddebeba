/** An account is what came of the units of work of one strategy, in numbers. */
import type { Adapter } from './adapters.js';
import type { Hit } from './faults.js';
import type { Unit } from './plan.js';

export interface Account {
  shots: number;
  /** The caller got an error that says: not done. */
  failed: number;
  /** The caller got an error that leaves open whether it was done. */
  unknown: number;
  /** Of these, those which the level in use could have known. */
  needlesslyUnknown: number;
  /** There more than once. */
  duplicates: number;
  /** Said to be done, and not there. */
  lost: number;
  /** Said not to be done, and there. */
  denied: number;
  /** There in part. */
  torn: number;
  /** The caller got an error, and it was done all the same. */
  doneDespiteError: number;
  /** Reported as done by the server itself, and lost with it when a standby that had not heard of it was promoted. */
  lostByServer: number;
  /** How often each hit came about, by its cell. */
  readonly hits: Map<string, number>;
  /** Unknown units by the level, the fault, the point and the reason that was given. */
  readonly unknownBy: Map<string, number>;
}

export function newAccount(): Account {
  return {
    ...{ shots: 0, failed: 0, unknown: 0, needlesslyUnknown: 0, duplicates: 0, lost: 0 },
    ...{ denied: 0, torn: 0, doneDespiteError: 0, lostByServer: 0 },
    ...{ hits: new Map<string, number>(), unknownBy: new Map<string, number>() },
  };
}

export function increment<K>(counts: Map<K, number>, key: K, by: number = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** Adds `more` to `sum`. */
export function add(sum: Account, { hits, unknownBy, ...numbers }: Account): void {
  for (const [name, value] of Object.entries(numbers)) sum[name as keyof typeof numbers] += value;
  for (const [cell, count] of hits) increment(sum.hits, cell, count);
  for (const [reason, count] of unknownBy) increment(sum.unknownBy, reason, count);
}

/** Answers that were not true. */
export const wrongOf = ({ duplicates, lost, denied, torn }: Account): number =>
  duplicates + lost + denied + torn;

export const total = (counts: ReadonlyMap<unknown, number>): number =>
  [...counts.values()].reduce((sum, count) => sum + count, 0);

export type Place = Pick<Hit, 'fault' | 'point' | 'moment'>;

/** One combination that has to come up. */
export interface Cell extends Place {
  readonly adapter: Adapter;
  readonly unit: Unit;
}

/** As a key of `hits`. */
export const cellName = ({ fault, point, moment, adapter, unit }: Cell): string =>
  [fault, point, moment, adapter, unit].join(' / ');

/** How many hits there were of those whose cell begins like this. */
export function hitsOf({ hits }: Account, where: Partial<Cell>): number {
  const names = ['fault', 'point', 'moment', 'adapter', 'unit'] as const;
  const fits = (cell: string): boolean => {
    const parts = cell.split(' / ');
    return names.every((name, nth) => where[name] === undefined || where[name] === parts[nth]);
  };
  return [...hits].reduce((sum, [cell, count]) => sum + (fits(cell) ? count : 0), 0);
}
