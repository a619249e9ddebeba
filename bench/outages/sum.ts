/** A sum of figures: what many runs come to. Counts add up; of times the worst counts. */
import type { Figures } from './figures.js';

type Numbers = Readonly<Record<string, number | undefined>>;

const times = ['recoveryMs', 'parkedMs', 'p50', 'p99'] as const;

function added(all: readonly Numbers[]): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const numbers of all) {
    for (const [name, value = 0] of Object.entries(numbers)) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}

/** Without the timelines, which cannot be added. */
export function sum(all: readonly Figures[]): object {
  const counts = all.map(
    ({ left: _, more: __, errors: ___, timeline: ____, ...numbers }) => numbers,
  );
  const worst = times.map((name) => {
    const known = all.flatMap((figures) => figures[name] ?? []);
    // Once never is never.
    return [name, known.length < all.length ? null : Math.max(...known)];
  });
  const more = all.flatMap(({ more: own }): Numbers[] => (own === undefined ? [] : [own]));
  return {
    ...added(counts),
    ...Object.fromEntries(worst),
    left: added(all.map(({ left }) => ({ ...left }))),
    ...(more.length === 0 ? {} : { more: added(more) }),
    errors: added(all.map(({ errors }) => errors)),
  };
}
