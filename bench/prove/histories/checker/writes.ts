/** The writes, held against what callers were told: each done exactly as often as was said. */
import type { ListHistory, ListUnit } from './history.js';
import type { Anomaly } from './level.js';
import type { Sight, Writers } from './version-order.js';

function count(elements: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const value of elements) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const appendsOf = ({ operations }: ListUnit): readonly { key: number; value: number }[] =>
  operations.filter((operation) => operation.kind === 'append');

/** Values that were seen twice in one list, or that nobody had appended to it. Each is told once. */
export function strangeValues(sights: readonly Sight[], writers: Writers): readonly Anomaly[] {
  const found = new Map<string, Anomaly>();
  for (const { key, elements } of sights) {
    for (const [value, times] of count(elements)) {
      if (writers.get(value)?.key !== key) {
        const text = `list ${key} has ${value}, which nobody appended to it`;
        found.set(`invented ${key} ${value}`, { kind: 'invented', text });
      } else if (times > 1) {
        const text = `list ${key} has ${value} ${times} times`;
        found.set(`duplicate ${value}`, { kind: 'duplicate', text });
      }
    }
  }
  return [...found.values()];
}

/** What callers were told, against what is there at the end. */
export function lies({ units, final }: ListHistory): readonly Anomaly[] {
  if (final === undefined) return [];
  const found: Anomaly[] = [];
  for (const unit of units) {
    const appends = appendsOf(unit);
    const there = appends.filter(({ key, value }) => final.get(key)?.includes(value) === true);
    const part = `${there.length} of ${appends.length} appends of ${unit.id} are there`;
    if (unit.told === 'rolled-back' && there.length > 0) {
      found.push({ kind: 'false-rollback', text: `${part}, which was reported as rolled back` });
    } else if (unit.told === 'committed' && there.length < appends.length) {
      found.push({ kind: 'lost-write', text: `${part}, which was reported as committed` });
    }
    if (there.length > 0 && there.length < appends.length) {
      found.push({ kind: 'torn-write', text: part });
    }
  }
  return found;
}
