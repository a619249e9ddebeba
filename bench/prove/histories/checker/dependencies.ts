/** The dependencies of a history: who overwrote, read or missed whose version of which list. */
import type { Edge, EdgeKind, Graph } from './cycles.js';
import type { ListHistory, ListUnit, Read } from './history.js';
import type { Anomaly } from './level.js';
import { isPrefix, type Writers } from './version-order.js';

type Elements = readonly number[];
type ByKey = ReadonlyMap<number, Elements>;

/** What is known of a history beside its graph. */
export interface Dependencies {
  readonly graph: Graph;
  /** Updates over a version that was not the one read, and reads that miss what was acknowledged before. */
  readonly anomalies: readonly Anomaly[];
}

/** The history as the three steps below see it. */
interface Ground {
  readonly units: readonly ListUnit[];
  readonly writers: Writers;
  /** The lists as they were seen, and their versions: each value once, and only of units that may have been committed. */
  readonly orders: ByKey;
  readonly versions: ByKey;
  readonly link: (from: number | undefined, to: number | undefined, kind: EdgeKind) => void;
}

function versionsOf(
  { units, writers }: Pick<Ground, 'units' | 'writers'>,
  key: number,
  elements: Elements,
): Elements {
  return [...new Set(elements)].filter((value) => {
    const writer = writers.get(value);
    return writer?.key === key && units[writer.unit]?.told !== 'rolled-back';
  });
}

const mapped = (from: ByKey, change: (elements: Elements, key: number) => Elements): ByKey =>
  new Map([...from].map(([key, elements]) => [key, change(elements, key)]));

/** For each place in a list, the earliest acknowledgement of a version there or later. */
function acknowledgements({ units, writers, versions }: Ground): ByKey {
  return mapped(versions, (order) => {
    const ends = order.map((value) => {
      const unit = units[writers.get(value)?.unit ?? -1];
      return unit?.told === 'committed' ? (unit.ended ?? Infinity) : Infinity;
    });
    for (let at = ends.length - 2; at >= 0; at -= 1) {
      ends[at] = Math.min(ends[at] ?? Infinity, ends[at + 1] ?? Infinity);
    }
    return ends;
  });
}

/** The dependencies of one read; returns which versions it saw, or undefined where it has no place in the order. */
function place(ground: Ground, reader: number, { key, elements }: Read): Elements | undefined {
  const { writers, orders, versions, link } = ground;
  // A read that contradicts the order is told elsewhere.
  if (elements === undefined || !isPrefix(elements, orders.get(key) ?? [])) return undefined;
  const writerOf = (value: number | undefined): number | undefined =>
    writers.get(value ?? Number.NaN)?.unit;
  const seen = versionsOf(ground, key, elements);
  const foreign = seen.findLast((value) => writerOf(value) !== reader);
  link(writerOf(foreign), reader, 'wr');
  // What follows on the reader's own version has overwritten it: that is known already.
  if (writerOf(seen.at(-1)) !== reader) {
    link(reader, writerOf(versions.get(key)?.[seen.length]), 'rw');
  }
  return seen;
}

/** Follows one unit through its operations. */
function follow(ground: Ground, reader: number, unit: ListUnit, acknowledged: ByKey): Anomaly[] {
  const anomalies: Anomaly[] = [];
  /** By key: the place at which an append would follow on what the unit has read. */
  const expected = new Map<number, number>();
  for (const operation of unit.operations) {
    const { key } = operation;
    const order = ground.versions.get(key) ?? [];
    if (operation.kind === 'append') {
      const at = expected.get(key);
      const { value } = operation;
      expected.delete(key);
      if (at === undefined || order[at] === value || !order.includes(value)) continue;
      const text = `${unit.id} appended ${value} to list ${key} without having seen ${order[at]}`;
      anomalies.push({ kind: 'lost-update', text });
      continue;
    }
    const seen = place(ground, reader, operation);
    if (seen === undefined) continue;
    const isOwn = (value: number): boolean => ground.writers.get(value)?.unit === reader;
    if (!seen.some(isOwn)) expected.set(key, seen.length);
    if ((acknowledged.get(key)?.[seen.length] ?? Infinity) >= unit.began) continue;
    const text = `${unit.id} saw only [${seen}] of list ${key}, of which more was acknowledged before it began`;
    anomalies.push({ kind: 'stale-read', text });
  }
  return anomalies;
}

export function dependenciesOf(
  { units }: ListHistory,
  writers: Writers,
  orders: ByKey,
): Dependencies {
  const graph = units.map((): Edge[] => []);
  const versions = mapped(orders, (elements, key) => versionsOf({ units, writers }, key, elements));
  const link: Ground['link'] = (from, to, kind) => {
    if (from !== undefined && to !== undefined && from !== to) graph[from]?.push({ to, kind });
  };
  const ground: Ground = { units, writers, orders, versions, link };
  for (const order of versions.values()) {
    for (const [index, value] of order.entries()) {
      const before = writers.get(order[index - 1] ?? Number.NaN);
      link(before?.unit, writers.get(value)?.unit, 'ww');
    }
  }
  const acknowledged = acknowledgements(ground);
  const anomalies = units.flatMap((unit, reader) => follow(ground, reader, unit, acknowledged));
  return { graph, anomalies };
}
