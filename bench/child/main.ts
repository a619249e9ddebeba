/** A child process of the bench: measures one thing and writes it to its output, as JSON. */
import { parseArgs } from 'node:util';
import type { Contender, Skipped } from '../contender.js';
import { measureBytes } from './bytes.js';
import { lineUp, type Runner } from './line-up.js';
import { countSteps } from './promises.js';
import { measureTime } from './time.js';

/** Who took part. */
export type Entry = Pick<Contender, 'row' | 'by' | 'note'>;

/** What a child writes. */
export interface Report<T> {
  readonly figures: Readonly<Record<string, T>>;
  readonly entries: readonly Entry[];
  readonly skipped: readonly Skipped[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    core: { type: 'string', default: '' },
    peers: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '1' },
  },
});
const [task = ''] = positionals;

async function inLineUp<T>(
  measure: (runners: readonly Runner[]) => Promise<Readonly<Record<string, T>>>,
): Promise<Report<T>> {
  const { runners, skipped } = await lineUp(values.core, values.peers);
  const entries = runners.map(({ row, by, note }): Entry => ({ row, by, note }));
  return { figures: await measure(runners), entries, skipped };
}

const tasks: Readonly<Record<string, () => Promise<unknown>>> = {
  time: () => inLineUp((runners) => measureTime(runners, Number(values.rounds))),
  bytes: () => inLineUp(measureBytes),
  steps: () => inLineUp(countSteps),
};

const result = await tasks[task]?.();
// Peers leave timers behind that would keep the process.
process.stdout.write(JSON.stringify(result), () => process.exit());
