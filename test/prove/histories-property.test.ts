/** Properties of the checker: what was played in order is never accused, and a wound of any kind is found. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type CycleKind,
  type Edge,
  type EdgeKind,
  findCycles,
  type Graph,
} from '../../bench/prove/histories/checker/cycles.js';
import type {
  ListHistory,
  ListOperation,
  ListUnit,
  Told,
} from '../../bench/prove/histories/checker/history.js';
import { type AnomalyKind, forbids } from '../../bench/prove/histories/checker/level.js';
import { checkListAppend } from '../../bench/prove/histories/checker/list-append.js';

interface Planned {
  readonly told: Told;
  /** Whether a unit of unknown outcome was committed. */
  readonly happened: boolean;
  readonly steps: readonly { readonly isRead: boolean; readonly key: number }[];
}

const planned: fc.Arbitrary<Planned> = fc.record({
  told: fc.constantFrom<Told>('committed', 'committed', 'committed', 'rolled-back', 'unknown'),
  happened: fc.boolean(),
  steps: fc.array(fc.record({ isRead: fc.boolean(), key: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 4,
  }),
});
const plans = fc.array(planned, { minLength: 1, maxLength: 25 });

type Lists = Map<number, readonly number[]>;

/** Plays one unit on `lists`; values are numbered by unit and step. */
function play(lists: Lists, { told, steps }: Planned, index: number): readonly ListOperation[] {
  return steps.map(({ isRead, key }, step): ListOperation => {
    const now = lists.get(key) ?? [];
    if (isRead) return { kind: 'read', key, elements: told === 'committed' ? now : undefined };
    const value = index * 10 + step;
    lists.set(key, [...now, value]);
    return { kind: 'append', key, value };
  });
}

/** One after another. */
function serial(all: readonly Planned[]): ListHistory {
  let lists: Lists = new Map();
  const units = all.map((plan, index): ListUnit => {
    const mine = new Map(lists);
    const operations = play(mine, plan, index);
    if (plan.told === 'committed' || (plan.told === 'unknown' && plan.happened)) lists = mine;
    return { id: `u${index}`, told: plan.told, began: 2 * index, ended: 2 * index + 1, operations };
  });
  return { units, final: lists };
}

/** Two at a time, each on its own snapshot; the second to commit gives way where both wrote one list. */
function snapshots(all: readonly Planned[]): ListHistory {
  let lists: Lists = new Map();
  const units: ListUnit[] = [];
  for (let index = 0; index < all.length; index += 2) {
    const before = lists;
    const written = new Set<number>();
    for (const [offset, plan] of all.slice(index, index + 2).entries()) {
      const keys = plan.steps.filter(({ isRead }) => !isRead).map(({ key }) => key);
      const happens = !keys.some((key) => written.has(key)) && plan.told !== 'rolled-back';
      const told = happens ? plan.told : 'rolled-back';
      const mine = new Map(before);
      const operations = play(mine, { ...plan, told }, index + offset);
      if (happens) {
        lists = new Map([...lists, ...keys.map((key) => [key, mine.get(key) ?? []] as const)]);
        for (const key of keys) written.add(key);
      }
      units.push({ id: `u${index + offset}`, told, began: index, ended: index + 1, operations });
    }
  }
  return { units, final: lists };
}

const kindsOf = (history: ListHistory): readonly AnomalyKind[] =>
  checkListAppend(history).map(({ kind }) => kind);

test('a serial execution is clean, whatever its callers were told', () => {
  fc.assert(fc.property(plans, (all) => expect(kindsOf(serial(all))).toEqual([])));
});

test('an execution on snapshots has write skew, and nothing that a snapshot forbids', () => {
  let skews = 0;
  fc.assert(
    fc.property(plans, (all) => {
      const kinds = kindsOf(snapshots(all));
      skews += kinds.length;
      expect(kinds.filter((kind) => forbids('repeatable read', kind))).toEqual([]);
    }),
  );
  expect(skews).toBeGreaterThan(0);
});

type Wound = (history: ListHistory, chance: number) => ListHistory | undefined;

const pick = <T>(of: readonly T[], chance: number): T | undefined => of[chance % of.length];

/** The history with one list at the end changed. */
function withList(
  { units, final }: ListHistory,
  key: number,
  change: (elements: readonly number[]) => readonly number[],
): ListHistory {
  const lists = new Map(final);
  lists.set(key, change(lists.get(key) ?? []));
  return { units, final: lists };
}

/** Some append of a unit that was told so, where there is one. */
function someAppend(history: ListHistory, chance: number, told: Told) {
  const appends = history.units
    .filter((unit) => unit.told === told)
    .flatMap(({ operations }) => operations)
    .filter((operation) => operation.kind === 'append');
  return pick(appends, chance);
}

/** Changes what some read saw that saw at least `least` elements. */
function withRead(
  history: ListHistory,
  chance: number,
  least: number,
  change: (elements: readonly number[]) => readonly number[],
): ListHistory | undefined {
  const isLong = (operation: ListOperation): boolean =>
    operation.kind === 'read' && (operation.elements?.length ?? 0) >= least;
  const read = pick(
    history.units.flatMap(({ operations }) => operations.filter(isLong)),
    chance,
  );
  if (read?.kind !== 'read' || read.elements === undefined) return undefined;
  const changed = { ...read, elements: change(read.elements) };
  const units = history.units.map((unit) => ({
    ...unit,
    operations: unit.operations.map((operation) => (operation === read ? changed : operation)),
  }));
  return { ...history, units };
}

const wounds: readonly (readonly [AnomalyKind | 'anything', Wound])[] = [
  [
    'duplicate',
    (history, chance) => {
      const append = someAppend(history, chance, 'committed');
      if (append === undefined) return undefined;
      return withList(history, append.key, (elements) => [...elements, append.value]);
    },
  ],
  [
    'lost-write',
    (history, chance) => {
      const append = someAppend(history, chance, 'committed');
      if (append === undefined) return undefined;
      return withList(history, append.key, (all) => all.filter((value) => value !== append.value));
    },
  ],
  [
    'false-rollback',
    (history, chance) => {
      const append = someAppend(history, chance, 'rolled-back');
      if (append === undefined) return undefined;
      return withList(history, append.key, (elements) => [...elements, append.value]);
    },
  ],
  [
    'invented',
    (history, chance) => withList(history, 1 + (chance % 3), (elements) => [...elements, 9_999]),
  ],
  [
    'incompatible-order',
    (history, chance) => withRead(history, chance, 2, (elements) => elements.slice(1)),
  ],
  // It missed its own append, or what was acknowledged before, or contradicts itself.
  [
    'anything',
    (history, chance) => withRead(history, chance, 1, (elements) => elements.slice(0, -1)),
  ],
];

test.each(wounds)('a wound is found: %s', (expected, wound) => {
  let inflicted = 0;
  fc.assert(
    fc.property(plans, fc.nat(), (all, chance) => {
      // What was unknown and never acknowledged may be missed by a read for ever.
      const known = all.map((plan) =>
        plan.told === 'unknown' ? ({ ...plan, told: 'committed' } as const) : plan,
      );
      const wounded = wound(serial(known), chance);
      if (wounded === undefined) return;
      inflicted += 1;
      const kinds = kindsOf(wounded);
      if (expected === 'anything') expect(kinds).not.toEqual([]);
      else expect(kinds).toContain(expected);
    }),
  );
  expect(inflicted).toBeGreaterThan(10);
});

const size = 5;
const graphs: fc.Arbitrary<Graph> = fc
  .array(
    fc.record({
      from: fc.nat(size - 1),
      to: fc.nat(size - 1),
      kind: fc.constantFrom<EdgeKind>('ww', 'wr', 'rw', 'rw'),
    }),
    { maxLength: 10 },
  )
  .map((edges) => {
    const graph = Array.from({ length: size }, (): Edge[] => []);
    for (const { from, to, kind } of edges) if (from !== to) graph[from]?.push({ to, kind });
    return graph;
  });

/** The kinds of edges of every simple cycle, by trying every way. */
function everyCycle(graph: Graph): readonly (readonly EdgeKind[])[] {
  const found: EdgeKind[][] = [];
  const walk = (start: number, node: number, seen: readonly number[], kinds: EdgeKind[]): void => {
    for (const { to, kind } of graph[node] ?? []) {
      if (to === start) found.push([...kinds, kind]);
      else if (to > start && !seen.includes(to)) walk(start, to, [...seen, to], [...kinds, kind]);
    }
  };
  for (let start = 0; start < size; start += 1) walk(start, start, [start], []);
  return found;
}

test('cycles are found exactly where trying every way finds them', () => {
  const count = (kinds: readonly EdgeKind[], kind: EdgeKind): number =>
    kinds.filter((one) => one === kind).length;
  const adjacent = (kinds: readonly EdgeKind[]): boolean =>
    kinds.length > 1 &&
    kinds.some((kind, at) => kind === 'rw' && kinds[(at + 1) % kinds.length] === 'rw');
  fc.assert(
    fc.property(graphs, (graph) => {
      const kinds = new Set<CycleKind>(findCycles(graph).map(({ kind }) => kind));
      const all = everyCycle(graph);
      const some = (is: (cycle: readonly EdgeKind[]) => boolean): boolean => all.some(is);
      expect(kinds.has('G0')).toBe(some((cycle) => count(cycle, 'ww') === cycle.length));
      expect(kinds.has('G1c')).toBe(
        some((cycle) => count(cycle, 'rw') === 0 && count(cycle, 'wr') > 0),
      );
      expect(kinds.has('G-single')).toBe(some((cycle) => count(cycle, 'rw') === 1));
      expect(kinds.has('G-single') || kinds.has('G-nonadjacent')).toBe(
        some((cycle) => count(cycle, 'rw') > 0 && !adjacent(cycle)),
      );
      expect(kinds.size > 0).toBe(all.length > 0);
    }),
    { numRuns: 2_000 },
  );
});

test('a knot with a G-single in it is not reported as G-nonadjacent too', () => {
  const edges: readonly (readonly [number, EdgeKind, number])[] = [
    // Tried first, and closed by another anti-dependency only.
    [0, 'rw', 1],
    [1, 'wr', 2],
    [2, 'rw', 3],
    [3, 'wr', 0],
    // In the same knot: one alone.
    [0, 'rw', 4],
    [4, 'wr', 0],
  ];
  const graph = Array.from({ length: 5 }, (_, from) =>
    edges.filter((edge) => edge[0] === from).map(([, kind, to]): Edge => ({ kind, to })),
  );
  expect(findCycles(graph)).toEqual([{ kind: 'G-single', nodes: [4, 0] }]);
});
