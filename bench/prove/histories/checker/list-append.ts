/** The checker of list-append histories, in the manner of Elle: pure, and judging by what callers were told alone. */
import { findCycles } from './cycles.js';
import { dependenciesOf } from './dependencies.js';
import type { ListHistory } from './history.js';
import type { Anomaly } from './level.js';
import { wrongReads } from './reads.js';
import { contradictions, ordersOf, sightsOf, writersOf } from './version-order.js';
import { lies, strangeValues } from './writes.js';

/** Everything that no serial execution explains; which of it a level forbids, `forbids` tells. */
export function checkListAppend(history: ListHistory): readonly Anomaly[] {
  const writers = writersOf(history.units);
  const sights = sightsOf(history);
  const orders = ordersOf(history);
  const { graph, anomalies } = dependenciesOf(history, writers, orders);
  const cycles = findCycles(graph).map(({ kind, nodes }): Anomaly => {
    const steps = nodes.map((node, index) => {
      const to = nodes[(index + 1) % nodes.length];
      const kinds = new Set(graph[node]?.filter((edge) => edge.to === to).map((edge) => edge.kind));
      return `${history.units[node]?.id} -${[...kinds].join('/')}->`;
    });
    return { kind, text: `${steps.join(' ')} ${history.units[nodes[0] ?? -1]?.id}` };
  });
  return [
    ...strangeValues(sights, writers),
    ...lies(history),
    ...contradictions(history, sights, orders),
    ...wrongReads(history, writers),
    ...anomalies,
    ...cycles,
  ];
}
