/** Coverage is which combinations came about: a proof of what never happened proves nothing. */
import { type Account, type Cell, cellName, hitsOf, type Place } from './account.js';
import type { Adapter } from './adapters.js';
import {
  allFaults,
  type FaultName,
  moments,
  points,
  serverFaults,
  serverHits,
  wireHits,
} from './faults.js';
import { units } from './plan.js';

const all: readonly Place[] = [...wireHits, ...serverFaults.flatMap(serverHits)];
const isSame = (one: Place, other: Place): boolean =>
  one.fault === other.fault && one.point === other.point && one.moment === other.moment;

/** All combinations of a fault, a point and a moment, in their order; each once, however long it lasts. */
const places = all.filter((it, nth) => all.findIndex((other) => isSame(it, other)) === nth);

/** What has to come about in each of Carom's columns: everything. */
export function cellsOf(adapters: readonly Adapter[]): readonly Cell[] {
  return adapters.flatMap((adapter) =>
    units.flatMap((unit) =>
      places.map(({ fault, point, moment }) => ({ fault, point, moment, adapter, unit })),
    ),
  );
}

/** What should have come about and never did. A short proof has to meet each fault with each adapter. */
export function missing(
  account: Account,
  adapters: readonly Adapter[],
  quick: boolean,
): readonly string[] {
  return quick
    ? adapters.flatMap((adapter) =>
        allFaults
          .filter((fault) => hitsOf(account, { fault, adapter }) === 0)
          .map((fault) => `${fault} / ${adapter}`),
      )
    : cellsOf(adapters)
        .filter((cell) => !account.hits.has(cellName(cell)))
        .map(cellName);
}

/** The matrix, as Markdown: how often each came about, over all units of work, before, after-server and after-answer. */
export function matrix(account: Account, adapters: readonly Adapter[], quick: boolean): string {
  const cell = (where: Partial<Cell>): string =>
    moments
      .filter((moment) =>
        places.some(
          (it) => it.fault === where.fault && it.point === where.point && it.moment === moment,
        ),
      )
      .map((moment) => hitsOf(account, { ...where, moment }))
      .join(' · ');
  const rowsOf = (fault: FaultName): readonly (readonly (string | number)[])[] => {
    if (quick) return [[fault, ...adapters.map((adapter) => hitsOf(account, { fault, adapter }))]];
    return points
      .filter((point) => places.some((it) => it.fault === fault && it.point === point))
      .map((point) => [
        `${fault}, ${point}`,
        ...adapters.map((adapter) => cell({ fault, point, adapter })),
      ]);
  };
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['hits', ...adapters]),
    line(['---', ...adapters.map(() => '---:')]),
    ...allFaults.flatMap(rowsOf).map(line),
  ].join('\n');
}
