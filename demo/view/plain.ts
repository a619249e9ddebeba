/** The plain view: one line for each fault, one for every other second, for logs and pipes. */
import { faultText } from '../faults/kinds.js';
import { strategyTexts } from '../strategies.js';
import { count, plural, type View } from './view.js';

/** Between two lines about the load, in ms. */
const every = 2_000;

/** Makes the view; `write` takes a line without its end. */
export function plainView(write: (line: string) => void): View {
  let next = every;
  const stamp = (strategy: string, at: number): string =>
    `${strategy.padEnd(5)} ${(at / 1_000).toFixed(1).padStart(6)} s  `;
  return {
    preparing: (what) => write(what),
    fault: (strategy, at, kind) => write(`${stamp(strategy, at)}fault: ${faultText(kind).title}`),
    tick({ strategy, elapsed, runMs, tally, inFlight, decisions }) {
      if (elapsed < every) next = Math.min(next, every);
      if (elapsed < next || elapsed >= runMs) return;
      next = elapsed - (elapsed % every) + every;
      const circuit = decisions === undefined ? '' : `, circuit ${decisions.circuit}`;
      write(
        `${stamp(strategy, elapsed)}${tally.succeededAt.rate(elapsed)} done/s, ` +
          `${tally.errorsAt.rate(elapsed)} errors/s, ${count(inFlight)} in flight${circuit}`,
      );
    },
    end({ strategy, numbers }) {
      next = every;
      write(
        `${strategyTexts[strategy].title}: ${plural(numbers.shots, 'operation')}, ` +
          `${count(numbers.failed)} failed, ${count(numbers.unknown)} unknown, ` +
          `${plural(numbers.duplicates, 'duplicate')}, ${count(numbers.lost)} lost`,
      );
    },
    close: () => undefined,
  };
}
