/** What the numbers mean, in sentences. */
import { keptItsWord, type Numbers, type RunResult } from '../tally/result.js';
import { plural } from './view.js';

/** `€ 1,234.50`. */
export function euros(cents: number): string {
  const amount = (cents / 100).toLocaleString('en-US', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  return `€ ${amount}`;
}

const errors = ({ failed, unknown }: Numbers): number => failed + unknown;

/** Carom's errors, and how many of them are of the honest sort. */
function given(numbers: Numbers): string {
  const { unknown } = numbers;
  const all = errors(numbers);
  if (unknown === 0) return plural(all, 'error');
  const which =
    unknown === all
      ? all === 1
        ? 'which says'
        : 'all of them to say'
      : `${unknown} of them to say`;
  return `${plural(all, 'error')}, ${which} honestly that nobody can know`;
}

/** One sentence for a person who has the table before them. */
export function meaning(results: readonly RunResult[]): string {
  const of = (name: string): Numbers | undefined =>
    results.find(({ strategy }) => strategy === name)?.numbers;
  const [none, naive, carom] = [of('none'), of('naive'), of('carom')];
  if (none === undefined || naive === undefined || carom === undefined) return '';
  const doubled =
    naive.duplicates === 0
      ? 'doubled nothing this time'
      : `did ${plural(naive.duplicates, 'write')} twice and charged customers ${euros(naive.overchargedCents)} too much`;
  const word = keptItsWord(carom) ? 'doubled none and lost none' : 'did NOT keep its word';
  return (
    `Under the same faults the bare clients gave their callers ${plural(errors(none), 'error')}; ` +
    `the hand-written loop brought that down to ${errors(naive)} but ${doubled}; ` +
    `Carom gave ${given(carom)}, and ${word}.`
  );
}

/** What else a reader must know, if anything: one line each. */
export function remarks(results: readonly RunResult[]): readonly string[] {
  return results.flatMap(({ strategy, numbers, evidence }) => {
    const { pending, lies } = numbers;
    const lines: string[] = [];
    if (pending > 0)
      lines.push(`${strategy}: ${plural(pending, 'operation')} had not ended when the demo ended.`);
    if (lies > 0) {
      const was = lies === 1 ? 'write was' : 'writes were';
      lines.push(
        `${strategy}: ${lies} ${was} there although the last error said that nothing was done.`,
      );
    }
    if (strategy === 'carom') lines.push(...evidence.map((line) => `carom: ${line}`));
    return lines;
  });
}
