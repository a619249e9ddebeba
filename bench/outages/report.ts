/** The report: a Markdown table for people, figures for programs. */
import type { Adapter } from './clients/adapters.js';
import type { Figures } from './figures.js';
import type { Scenario } from './scenarios/scenario.js';
import { isCarom, loops, type StrategyName } from './strategies.js';
import { sum } from './sum.js';

/** What one strategy made of one scenario through one adapter. */
export interface Result {
  readonly scenario: Scenario;
  readonly adapter: Adapter;
  readonly strategy: StrategyName;
  readonly figures: Figures;
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const millis = (value: number | undefined): string =>
  value === undefined
    ? '–'
    : value < 1_000
      ? `${Math.round(value)} ms`
      : `${(value / 1_000).toFixed(1)} s`;

export type Cell = readonly [title: string, of: (figures: Figures) => string];

export const cells: readonly Cell[] = [
  ['shots', ({ shots }) => count(shots)],
  ['failed', ({ failed }) => count(failed)],
  ['unknown', ({ unknown }) => count(unknown)],
  ['wrong', ({ duplicates, lost, denied }) => count(duplicates + lost + denied)],
  ['hung', ({ hung }) => count(hung)],
  ['connections', ({ connections }) => count(connections)],
  ['recovery', ({ recoveryMs }) => millis(recoveryMs)],
  ['waiting served', ({ parkedMs }) => millis(parkedMs)],
  ['p99', ({ p99 }) => millis(p99)],
  ['per second, calm', ({ calm }) => count(calm)],
  ['in trouble', ({ trouble }) => count(trouble)],
];

const line = (all: readonly string[]): string => `| ${all.join(' | ')} |`;

export const head: string = [
  line(['', ...cells.map(([title]) => title)]),
  line(['---', ...cells.map(() => '---:')]),
].join('\n');

/** One run as a row. */
export function row({ adapter, strategy, figures }: Omit<Result, 'scenario'>): string {
  const { more, left } = figures;
  const kept = Object.values(left).some((number) => number > 0)
    ? ` left: ${JSON.stringify(left)}`
    : '';
  const own = more === undefined ? '' : ` ${JSON.stringify(more)}`;
  return line([`${strategy}, ${adapter}`, ...cells.map(([, of]) => of(figures))]) + own + kept;
}

/** What the columns are. */
export const legend: string = `wrong: done twice, said to be done and lost, or said not to be done and there. hung: never answered. connections: attempts
that a proxy before the server saw during the trouble. recovery: until 95 % of the callers had an answer again. waiting served: until 95 % of
those had one who waited when the server was well again.`;

/** Promises of Carom's that were not kept. */
export const missed = (results: readonly Result[]): readonly string[] =>
  results.flatMap(({ scenario, adapter, strategy, figures }) =>
    isCarom(strategy)
      ? scenario.broken(figures).map((what) => `${scenario.name}, ${adapter}: ${what}`)
      : [],
  );

/** For programs: by scenario, each strategy over all adapters, and through each. */
export function figuresOf(results: readonly Result[], played: object): object {
  const scenarios = unique(results.map(({ scenario }) => scenario)).map((scenario) => {
    const own = results.filter((result) => result.scenario === scenario);
    const through = unique(own.map(({ adapter }) => adapter)).map((adapter) => [
      adapter,
      byStrategy(own.filter((result) => result.adapter === adapter)),
    ]);
    const { name, title, reach } = scenario;
    return [name, { title, reach, ...byStrategy(own), adapters: Object.fromEntries(through) }];
  });
  return { ...played, missed: missed(results), scenarios: Object.fromEntries(scenarios) };
}

const unique = <T>(all: readonly T[]): readonly T[] => [...new Set(all)];

function byStrategy(results: readonly Result[]): object {
  const names = unique(results.map(({ strategy }) => strategy));
  const figures = (name: StrategyName) =>
    sum(results.filter(({ strategy }) => strategy === name).map((result) => result.figures));
  const isLoop = (name: StrategyName): boolean => loops.some((loop) => loop === name);
  const of = (wanted: readonly StrategyName[]): object =>
    Object.fromEntries(wanted.map((name) => [name, figures(name)]));
  const byHand = names.filter(isLoop);
  const strategies = of(names.filter((name) => !isLoop(name)));
  return byHand.length === 0 ? { strategies } : { strategies, loops: of(byHand) };
}
