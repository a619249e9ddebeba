/** The report: the figures as Markdown. */
import type { Contender, Skipped } from './contender.js';
import type { Figures } from './figures.js';
import { caromParts, type Library, loadReach } from './libraries.js';
import { missesOf, reachOf, rounded } from './reach.js';
import { bases, peers, type RowName, rowNames, rows } from './rows.js';

/** Everything that was measured. */
export interface Results {
  readonly node: string;
  readonly machine: string;
  readonly date: string;
  readonly figures: readonly Figures[];
  readonly libraries: readonly Library[];
  readonly skipped: readonly Skipped[];
}

export function report(results: Results): string {
  const { node, machine, figures, libraries, skipped } = results;
  return [
    `## Carom and its peers, ${node}, ${machine}`,
    timeTable(figures),
    `Floor: the least that keeps what the row promises, without any policy (bench/contenders/floor.ts).
Peers: how many times slower than Carom. B, promises and ticks: those above the base, which is
${bases.bare} but where the row says otherwise. ns wobble by a sixth; those three do not.`,
    notes(figures, skipped),
    sizeTable(libraries),
    `Sizes in bytes. Import and require: the first in a fresh process whose loader is warm, without
what an empty file costs.${compileNote(libraries)}`,
  ].join('\n\n');
}

function timeTable(figures: readonly Figures[]): string {
  const head = [
    'what',
    'Carom, ns',
    'base',
    'floor',
    ...peers,
    'B',
    'promises',
    'ticks',
    'reach',
    'reached',
  ];
  return table(
    head,
    rowNames.flatMap((row) => {
      const of = (by: Contender['by']): Figures | undefined =>
        figures.find((one) => one.row === row && one.by === by);
      const carom = of('carom');
      if (carom === undefined) return [];
      const misses = missesOf(row, figures);
      return [
        [
          nameOf(row),
          rounded(carom.ns),
          overBase(row, carom),
          floorCell(row, of('floor')),
          ...peers.map((peer) => peerCell(of(peer))),
          wholeNumber(carom.bytes),
          wholeNumber(carom.promises),
          wholeNumber(carom.ticks),
          reachOf(row),
          reached(row, misses),
        ],
      ];
    }),
  );
}

const nameOf = (row: RowName): string => {
  const { what, base } = rows[row];
  return base === 'bare' ? what : `${what} (base: ${bases[base]})`;
};

const wholeNumber = (value: number | undefined): string => String(value ?? '–');

/** What takes about as long as its base is told apart by the difference. */
const overBase = (row: RowName, { ratio, over }: Figures): string =>
  ['bare', 'hand'].includes(rows[row].base)
    ? `${rounded(ratio)}×`
    : `${over < 0 ? '−' : '+'}${rounded(Math.abs(over))} ns`;

/** What the least costs that keeps the row's promise: time, and bytes where the row has a limit for them. */
function floorCell(row: RowName, floor: Figures | undefined): string {
  if (floor === undefined) return '–';
  const time = overBase(row, floor);
  return rows[row].reach.some(({ figure }) => figure === 'bytes') && floor.bytes !== undefined
    ? `${time}, ${floor.bytes} B`
    : time;
}

const peerCell = (peer: Figures | undefined): string =>
  peer === undefined ? '–' : `${rounded(peer.times ?? Number.NaN)}×${peer.note ? ' *' : ''}`;

function reached(row: RowName, misses: readonly string[]): string {
  if (rows[row].reach.length === 0) return '–';
  return misses.length === 0 ? 'yes' : `no: ${misses.join(', ')}`;
}

function notes(figures: readonly Figures[], skipped: readonly Skipped[]): string {
  const partial = figures.flatMap(({ row, by, note }) =>
    note === undefined ? [] : [`- \\* ${rows[row].what}: ${by} ${note}.`],
  );
  const missing = skipped.map(({ row, why }) => `- not measured: ${rows[row].what}: ${why}.`);
  return [...partial, ...missing].join('\n');
}

function sizeTable(libraries: readonly Library[]): string {
  const head = ['what', 'minified', 'gzip', 'import, ms', 'require, ms', 'reach', 'reached'];
  return table(
    head,
    libraries.map((library) => [
      library.what,
      String(library.size.minified),
      String(library.size.gzip),
      library.load ? rounded(library.load.import) : '–',
      library.load ? rounded(library.load.require) : '–',
      ...libraryReach(library),
    ]),
  );
}

/** Of what loading consists: the part that no evaluation, however lazy, takes away, and what Node's cache leaves. */
function compileNote(libraries: readonly Library[]): string {
  return libraries
    .flatMap(({ what, compile, cached }) => [
      ...(compile === undefined
        ? []
        : [` ${what}: ${rounded(compile)} ms of it for V8 to read and compile the file.`]),
      ...(cached === undefined
        ? []
        : [
            ` With Node's compile cache: ${rounded(cached.import)} ms, ${rounded(cached.require)} ms.`,
          ]),
    ])
    .join('');
}

/** What each concept adds to a bundle. */
export function weightTable(
  weights: readonly (readonly [what: string, { readonly parts: number; readonly whole: number }])[],
): string {
  const sum = weights.reduce(
    (all, [, { parts, whole }]) => ({ parts: all.parts + parts, whole: all.whole + whole }),
    { parts: 0, whole: 0 },
  );
  return table(
    ['what', caromParts.parts.what, caromParts.whole.what],
    [...weights, ['all together', sum] as const].map(([what, { parts, whole }]) => [
      what,
      String(parts),
      String(whole),
    ]),
  );
}

function libraryReach({ what, size, load }: Library): readonly [string, string] {
  const part = Object.values(caromParts).find((one) => one.what === what);
  if (part === undefined) return ['–', '–'];
  const limits: readonly (readonly [string, number, number])[] = [
    ['B', part.reach.minified, size.minified],
    ...('gzip' in part.reach ? [['B gzip', part.reach.gzip, size.gzip] as const] : []),
    ...(load ? [['ms', loadReach, Math.max(load.import, load.require)] as const] : []),
  ];
  const misses = limits.filter(([, limit, value]) => value > limit);
  return [
    limits.map(([unit, limit]) => `≤ ${limit} ${unit}`).join(', '),
    misses.length === 0
      ? 'yes'
      : `no: ${misses.map(([unit, , value]) => `${rounded(value)} ${unit}`).join(', ')}`,
  ];
}

function table(head: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...lines.map(row)].join('\n');
}
