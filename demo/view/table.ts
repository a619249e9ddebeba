/** The table at the end: one row per strategy. */
import Table from 'cli-table3';
import { strategyTexts } from '../strategies.js';
import type { RunResult } from '../tally/result.js';
import type { Paint } from './paint.js';
import { count, duration } from './view.js';

const head = [
  '',
  'shots',
  'failed',
  'duplicates',
  'lost',
  'unknown',
  'p50',
  'p99',
  'longest stall',
];

/** The columns of one run, as texts, in the order of the head. */
function row({ strategy, numbers }: RunResult, paint: Paint): readonly string[] {
  const wrong = (value: number): string => paint(value === 0 ? 'green' : 'red', count(value));
  return [
    strategyTexts[strategy].title,
    count(numbers.shots),
    count(numbers.failed),
    wrong(numbers.duplicates),
    wrong(numbers.lost),
    count(numbers.unknown),
    duration(numbers.p50),
    duration(numbers.p99),
    duration(numbers.longestStall),
  ];
}

/** The table as lines for a terminal or a log. */
export function table(results: readonly RunResult[], paint: Paint): string {
  const lines = new Table({
    head: head.map((name) => paint('bold', name)),
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    // Colours are ours to give: none of its own.
    style: { head: [], border: [] },
  });
  for (const result of results) lines.push([...row(result, paint)]);
  return lines.toString();
}
