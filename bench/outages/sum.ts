/** A sum of figures: what many runs come to. Counts add up; of times the worst counts, of rates the mean. */
import type { Millis } from '@carom/core';
import type { Figures } from './figures.js';
import type { Left } from './leftovers.js';

type Counts<Name extends string> = Readonly<Record<Name, number>>;

function added<Name extends string>(all: readonly Counts<Name>[]): Counts<Name> {
  const sums: Partial<Record<Name, number>> = {};
  for (const counts of all) {
    for (const name of Object.keys(counts) as Name[]) sums[name] = (sums[name] ?? 0) + counts[name];
  }
  return sums as Counts<Name>;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

function worst(all: readonly (Millis | undefined)[]): Millis | undefined {
  const known = all.flatMap((time) => time ?? []);
  // Once never is never.
  return known.length < all.length ? undefined : Math.max(...known);
}

function countsOf({ left, more, errors, timeline, calm, trouble, ...rest }: Figures) {
  const { recoveryMs, parkedMs, p50, p99, ...counts } = rest;
  return counts;
}

/** Without the timelines, which cannot be added. */
export function sum(all: readonly Figures[]): Figures {
  const timeOf = (name: 'recoveryMs' | 'parkedMs' | 'p50' | 'p99'): Millis | undefined =>
    worst(all.map((figures) => figures[name]));
  const more = all.flatMap(({ more: own }): Counts<string>[] => (own === undefined ? [] : [own]));
  return {
    ...added(all.map(countsOf)),
    ...{ recoveryMs: timeOf('recoveryMs'), parkedMs: timeOf('parkedMs') },
    ...{ p50: timeOf('p50'), p99: timeOf('p99') },
    calm: mean(all.map(({ calm }) => calm)),
    trouble: mean(all.map(({ trouble }) => trouble)),
    left: added(all.map(({ left }): Counts<keyof Left> => left)),
    ...(more.length === 0 ? {} : { more: added(more) }),
    errors: added(all.map(({ errors }) => errors)),
  };
}
