/** The cycles of a dependency graph, and the name that each has since Adya: what kinds of edges it takes to close it. */
import { components, type Next, pathBetween } from './components.js';
import type { AnomalyKind } from './level.js';

/** `ww`: overwrote its version. `wr`: read its version. `rw`: read the version that it overwrote (anti-dependency). */
export type EdgeKind = 'ww' | 'wr' | 'rw';

export interface Edge {
  readonly to: number;
  readonly kind: EdgeKind;
}

/** Edges by the node they leave; nothing depends on itself. */
export type Graph = readonly (readonly Edge[])[];

export type CycleKind = Extract<
  AnomalyKind,
  'G0' | 'G1c' | 'G-single' | 'G-nonadjacent' | 'G2-item'
>;

export interface Cycle {
  readonly kind: CycleKind;
  /** Each once, in the order of the cycle. */
  readonly nodes: readonly number[];
}

const along =
  (graph: Graph, ...kinds: readonly EdgeKind[]): Next =>
  (node) =>
    (graph[node] ?? []).filter(({ kind }) => kinds.includes(kind)).map(({ to }) => to);

/**
 * The same graph with two nodes for each: came here by another edge (even), came here by an anti-dependency (odd). From an odd
 * node no anti-dependency leaves, so that a cycle here is one that snapshot isolation forbids (Cerone and Gotsman).
 */
const nonadjacent =
  (graph: Graph): Next =>
  (double) =>
    (graph[double >> 1] ?? [])
      .filter(({ kind }) => kind !== 'rw' || double % 2 === 0)
      .map(({ to, kind }) => 2 * to + (kind === 'rw' ? 1 : 0));

/** One cycle per component: from `from` by an edge of `kind`, and back along `next`. */
function oneEach(
  graph: Graph,
  kind: EdgeKind,
  inside: readonly number[],
  next: Next,
  name: CycleKind,
): readonly Cycle[] {
  const found = new Map<number, Cycle>();
  for (const [from, edges] of graph.entries()) {
    const component = inside[from] ?? -1;
    for (const edge of edges) {
      if (edge.kind !== kind || inside[edge.to] !== component || found.has(component)) continue;
      const nodes = pathBetween(edge.to, from, next);
      if (nodes !== undefined) found.set(component, { kind: name, nodes });
    }
  }
  return [...found.values()];
}

/** G-single where there is one, else G-nonadjacent, for each knot that a snapshot forbids. */
function skews(graph: Graph): readonly Cycle[] {
  const next = nonadjacent(graph);
  const inside = components(2 * graph.length, next);
  const flow = along(graph, 'ww', 'wr');
  const single = new Map<number, Cycle>();
  const other = new Map<number, Cycle>();
  for (const [from, edges] of graph.entries()) {
    const component = inside[2 * from] ?? -1;
    for (const { kind, to } of edges) {
      if (kind !== 'rw' || inside[2 * to + 1] !== component || single.has(component)) continue;
      const nodes = pathBetween(to, from, flow);
      if (nodes !== undefined) single.set(component, { kind: 'G-single', nodes });
      else if (!other.has(component)) {
        const around = pathBetween(2 * to + 1, 2 * from, next) ?? [];
        other.set(component, { kind: 'G-nonadjacent', nodes: around.map((node) => node >> 1) });
      }
    }
  }
  for (const component of single.keys()) other.delete(component);
  return [...single.values(), ...other.values()];
}

/**
 * Cycles of every kind there is, one for each knot (strongly connected component) of that kind. A knot with a cycle of a
 * worse kind in it is not searched for a G2-item.
 */
export function findCycles(graph: Graph): readonly Cycle[] {
  const size = graph.length;
  const overwrites = along(graph, 'ww');
  const flow = along(graph, 'ww', 'wr');
  const all = along(graph, 'ww', 'wr', 'rw');
  const worse = [
    ...oneEach(graph, 'ww', components(size, overwrites), overwrites, 'G0'),
    ...oneEach(graph, 'wr', components(size, flow), flow, 'G1c'),
    ...skews(graph),
  ];
  const knots = components(size, all);
  const known = new Set(worse.map(({ nodes }) => knots[nodes[0] ?? -1]));
  const writeSkews = oneEach(graph, 'rw', knots, all, 'G2-item').filter(
    ({ nodes }) => !known.has(knots[nodes[0] ?? -1]),
  );
  return [...worse, ...writeSkews];
}
