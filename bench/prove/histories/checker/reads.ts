/** The reads, one by one: what a committed transaction saw that it should not have seen, or did not see that it should. */
import type { ListHistory, ListUnit } from './history.js';
import type { Anomaly } from './level.js';
import type { Writers } from './version-order.js';

type Elements = readonly number[];

/** The last append of a unit to a list. */
const lastOf = ({ operations }: ListUnit, key: number): number | undefined =>
  operations
    .filter((operation) => operation.kind === 'append')
    .findLast((append) => append.key === key)?.value;

/** G1a and G1b, for one read. */
function dirty(
  reader: ListUnit,
  key: number,
  elements: Elements,
  units: readonly ListUnit[],
  writers: Writers,
): readonly Anomaly[] {
  const unitOf = (value: number): ListUnit | undefined => units[writers.get(value)?.unit ?? -1];
  const found: Anomaly[] = [];
  const aborted = elements.filter((value) => unitOf(value)?.told === 'rolled-back');
  if (aborted.length > 0) {
    const text = `${reader.id} saw [${aborted}] in list ${key}, reported as rolled back`;
    found.push({ kind: 'aborted-read', text });
  }
  const last = elements.findLast((value) => unitOf(value) !== reader);
  const writer = last === undefined ? undefined : unitOf(last);
  if (last !== undefined && writer !== undefined && lastOf(writer, key) !== last) {
    const text = `${reader.id} saw list ${key} end with ${last}, after which ${writer.id} appended more`;
    found.push({ kind: 'intermediate-read', text });
  }
  return found;
}

/** Everything wrong with the reads of one unit. */
function ofUnit(reader: ListUnit, units: readonly ListUnit[], writers: Writers): Anomaly[] {
  const found: Anomaly[] = [];
  const own = new Map<number, number[]>();
  for (const operation of reader.operations) {
    const mine = own.get(operation.key) ?? [];
    if (operation.kind === 'append') {
      own.set(operation.key, [...mine, operation.value]);
    } else if (operation.elements !== undefined) {
      const { key, elements } = operation;
      const end = mine.length === 0 ? [] : elements.slice(-mine.length);
      if (end.length < mine.length || end.some((value, index) => value !== mine[index])) {
        const text = `${reader.id} had appended [${mine}] to list ${key}, and saw [${elements}]`;
        found.push({ kind: 'internal', text });
      }
      found.push(...dirty(reader, key, elements, units, writers));
    }
  }
  return found;
}

export function wrongReads({ units }: ListHistory, writers: Writers): readonly Anomaly[] {
  return units.flatMap((unit) => ofUnit(unit, units, writers));
}
