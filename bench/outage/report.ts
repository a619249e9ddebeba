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

const columns: readonly Column[] = [
  { title: 'attempts, trouble', figure: 'attemptsDuring', worst: 'max', print: count },
  { title: 'peak attempts/s', figure: 'peakAttemptsPerSecond', worst: 'max', print: count },
  { title: 'goodput, trouble', figure: 'goodputDuring', worst: 'min', print: percent },
  { title: '1st s after', figure: 'goodputFirstSecond', worst: 'min', print: percent },
  { title: '10 s after', figure: 'goodputFirstTen', worst: 'min', print: percent },
  { title: 'ms to 90 %', figure: 'recovery', worst: 'max', print: millis },
  { title: 'worst s later', figure: 'worstSecondLater', worst: 'min', print: percent },
  { title: 'at the end', figure: 'goodputAtEnd', worst: 'min', print: percent },
  { title: 'openings', figure: 'openings', worst: 'max', print: count },
  { title: '… after', figure: 'openingsAfter', worst: 'max', print: count },
  { title: 'answered', figure: 'answered', worst: 'min', print: count },
  { title: 'failed', figure: 'failed', worst: 'max', print: count },
  { title: 'timers left', figure: 'timersLeft', worst: 'max', print: count },
  { title: 'shots left', figure: 'shotsLeft', worst: 'max', print: count },
];

export const legend: string =
  'Median of all seeds, in brackets the worst one where it differs. «After»: once the server is well again for good.';

export function head(scenario: Scenario): string {
  const titles = ['strategy', 'seeds', ...columns.map(({ title }) => title)];
  const rule = titles.map((_, index) => (index === 0 ? '---' : '---:'));
  return [`\n### ${scenario.title} (\`${scenario.name}\`)\n`, line(titles), line(rule)].join('\n');
}

export function row({ strategy, seeds, figures }: Result): string {
  return line([strategy, String(seeds), ...columns.map((column) => cell(column, figures))]);
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function cell({ figure, worst, print }: Column, figures: Spreads): string {
  const spread: Spread = figures[figure];
  const [median, extreme] = [print(spread.median), print(spread[worst])];
  return median === extreme ? median : `${median} (${extreme})`;
}
