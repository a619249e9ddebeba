/** The version order of a list is the list itself: the longest that anyone saw tells who wrote after whom. */

import type { ListHistory, ListUnit } from './history.js';
import type { Anomaly } from './level.js';

/** Who appended each value. */
export type Writers = ReadonlyMap<number, { readonly unit: number; readonly key: number }>;

export function writersOf(units: readonly ListUnit[]): Writers {
  const writers = new Map<number, { unit: number; key: number }>();
  for (const [unit, { operations }] of units.entries()) {
    for (const operation of operations) {
      if (operation.kind === 'append') writers.set(operation.value, { unit, key: operation.key });
    }
  }
  return writers;
}

/** What one unit saw of a key. */
export interface Sight {
  /** The place of the unit in the history; undefined for the look at the end. */
  readonly unit: number | undefined;
  readonly key: number;
  readonly elements: readonly number[];
}

/** Everything that was seen, the end last. */
export function sightsOf({ units, final }: ListHistory): readonly Sight[] {
  const sights: Sight[] = [];
  for (const [unit, { operations }] of units.entries()) {
    for (const operation of operations) {
      if (operation.kind !== 'read' || operation.elements === undefined) continue;
      sights.push({ unit, key: operation.key, elements: operation.elements });
    }
  }
  for (const [key, elements] of final ?? []) sights.push({ unit: undefined, key, elements });
  return sights;
}

/** The versions of every key, as they were seen: at the end, or else by the longest read. */
export function ordersOf(history: ListHistory): ReadonlyMap<number, readonly number[]> {
  const orders = new Map<number, readonly number[]>();
  for (const { key, elements } of sightsOf(history)) {
    if (elements.length >= (orders.get(key)?.length ?? 0)) orders.set(key, elements);
  }
  for (const [key, elements] of history.final ?? []) orders.set(key, elements);
  if (history.final !== undefined) {
    for (const key of orders.keys()) if (!history.final.has(key)) orders.set(key, []);
  }
  return orders;
}

export const isPrefix = (part: readonly number[], whole: readonly number[]): boolean =>
  part.every((value, index) => value === whole[index]);

/** Reads that contradict the order: one of the two was never there. */
export function contradictions(
  { units }: ListHistory,
  sights: readonly Sight[],
  orders: ReadonlyMap<number, readonly number[]>,
): readonly Anomaly[] {
  return sights
    .filter(({ key, elements }) => !isPrefix(elements, orders.get(key) ?? []))
    .map(({ unit, key, elements }) => ({
      kind: 'incompatible-order',
      text: `${unit === undefined ? 'the end' : units[unit]?.id} saw list ${key} as [${elements}], which is no beginning of [${orders.get(key)}]`,
    }));
}
