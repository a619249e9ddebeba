/** The report: one Markdown table per scenario, a line per strategy, the median and the worst seed. */
import type { Figures } from './figures.js';
import type { Scenario } from './scenarios.js';
import type { Spread, Spreads } from './spread.js';

/** What all seeds of one strategy gave in one scenario. */
export interface Result {
  readonly scenario: string;
  readonly strategy: string;
  readonly seeds: number;
  readonly figures: Spreads;
}

interface Column {
  readonly title: string;
  readonly figure: keyof Figures;
  readonly worst: 'min' | 'max';
  readonly print: (value: number) => string;
}

const count = (value: number): string => value.toLocaleString('en');
const percent = (value: number): string =>
  Number.isFinite(value) ? `${(value * 100).toFixed(1)} %` : '–';
const millis = (value: number): string =>
  Number.isNaN(value) ? '–' : value === Number.POSITIVE_INFINITY ? 'never' : count(value);

type Name = keyof Figures;

/** What each of them is called, which of all seeds is the worst one, and how it is written. */
const all: Readonly<Partial<Record<Name, Omit<Column, 'figure'>>>> = {
  attemptsDuring: { title: 'attempts, trouble', worst: 'max', print: count },
  peakAttemptsPerSecond: { title: 'peak attempts/s', worst: 'max', print: count },
  goodputDuring: { title: 'goodput, trouble', worst: 'min', print: percent },
  answersPerSecond: { title: 'answers/s, trouble', worst: 'min', print: count },
  worstSecondDuring: { title: 'worst s, trouble', worst: 'min', print: percent },
  goodputFirstSecond: { title: '1st s after', worst: 'min', print: percent },
  goodputFirstTen: { title: '10 s after', worst: 'min', print: percent },
  recovery: { title: 'ms to 90 %', worst: 'max', print: millis },
  drained: { title: 'ms to nobody waiting', worst: 'max', print: millis },
  worstSecondLater: { title: 'worst s later', worst: 'min', print: percent },
  goodputAtEnd: { title: 'at the end', worst: 'min', print: percent },
  openings: { title: 'openings', worst: 'max', print: count },
  openingsAfter: { title: '… after', worst: 'max', print: count },
  connections: { title: 'connections', worst: 'max', print: count },
  answered: { title: 'answered', worst: 'min', print: count },
  slowest: { title: 'slowest ms', worst: 'max', print: count },
  conflicts: { title: 'conflicts', worst: 'max', print: count },
  failed: { title: 'failed', worst: 'max', print: count },
  unknown: { title: 'unknown', worst: 'max', print: count },
  needless: { title: '… needlessly', worst: 'max', print: count },
  duplicates: { title: 'duplicates', worst: 'max', print: count },
  lies: { title: 'lies', worst: 'max', print: count },
  timersLeft: { title: 'timers left', worst: 'max', print: count },
  shotsLeft: { title: 'shots left', worst: 'max', print: count },
  connectionsLeft: { title: 'connections left', worst: 'max', print: count },
  placesLeft: { title: 'places left', worst: 'max', print: count },
};

/** Only a database that is written to can be wrong about what was written, and has connections. */
const ofDatabase: ReadonlySet<string> = new Set<Name>([
  ...(['worstSecondDuring', 'drained', 'connections', 'unknown', 'needless'] as const),
  ...(['duplicates', 'lies', 'connectionsLeft', 'placesLeft'] as const),
  ...(['answersPerSecond', 'slowest', 'conflicts'] as const),
]);
const ofQueue: ReadonlySet<string> = new Set<Name>(['goodputFirstSecond', 'recovery']);

const columnsOf = ({ isWritten }: Scenario): readonly Column[] => {
  const left = isWritten ? ofQueue : ofDatabase;
  return Object.entries(all)
    .filter(([figure]) => !left.has(figure))
    .map(([figure, column]) => ({ ...column, figure: figure as Name }));
};

export const legend: string =
  'Median of all seeds, in brackets the worst one where it differs. «After»: once the server is well again for good. «Needlessly»: where it could have been known. «Lies»: said to be done and not there, or the other way round.';

export function head(scenario: Scenario): string {
  const titles = ['strategy', 'seeds', ...columnsOf(scenario).map(({ title }) => title)];
  const rule = titles.map((_, index) => (index === 0 ? '---' : '---:'));
  return [`\n### ${scenario.title} (\`${scenario.name}\`)\n`, line(titles), line(rule)].join('\n');
}

export function row({ strategy, seeds, figures }: Result, scenario: Scenario): string {
  const cells = columnsOf(scenario).map((column) => cell(column, figures));
  return line([strategy, String(seeds), ...cells]);
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function cell({ figure, worst, print }: Column, figures: Spreads): string {
  const spread: Spread = figures[figure];
  const [median, extreme] = [print(spread.median), print(spread[worst])];
  return median === extreme ? median : `${median} (${extreme})`;
}
