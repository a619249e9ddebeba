/** A process that does nothing but one piece of work after the other, bare and with a strategy, in turns. */
import { promiseHooks } from 'node:v8';
import { median } from '../../median.js';
import { makers } from '../clients/adapters.js';
import { playOf, type StrategyName } from '../strategies.js';
import { say, type Task, task } from './child.js';

/** What is done: one autocommit query, or a transaction with a read and a write. */
export type Work = 'query' | 'transaction';

/** What it is told. */
export interface Weighing extends Task {
  readonly work: Work;
  /** How often before anything is measured. */
  readonly warmUp: number;
  readonly rounds: number;
  /** How often in a round. */
  readonly turns: number;
}

/** Per piece of work. */
export interface Weight {
  readonly promises: number;
  readonly bytes: number;
  /** Of this process, the driver's own work included. */
  readonly cpuMicroseconds: number;
}

/** What it says. */
export interface Weighed {
  readonly bare: Weight;
  readonly with: Weight;
  /** The strategy's more than the bare client's, each in its quietest round: a buffer of the driver's that fills in a round only adds. */
  readonly addedBytes: number;
  /** Pieces of work, of both. */
  readonly done: number;
}

type Run = (count: number) => Promise<void>;

function runner(
  { adapter, config, work }: Pick<Weighing, 'adapter' | 'config' | 'work'>,
  strategy: StrategyName,
): { readonly run: Run; close(): Promise<unknown> } {
  const carom = strategy === 'carom' ? {} : undefined;
  const client = makers[adapter]({ config, carom });
  const play = playOf(strategy);
  const isPlain = strategy === 'none' || strategy === 'carom';
  let marks = 0;
  const works: Readonly<Record<Work, () => Promise<unknown>>> = {
    query: () => client.read(),
    transaction: () => {
      marks += 1;
      return client.transaction(`${strategy}/${marks}`);
    },
  };
  const call = works[work];
  const run: Run = async (count) => {
    for (let nth = 0; nth < count; nth++) await (isPlain ? call() : play(call));
  };
  return { run, close: () => client.close() };
}

async function promises(run: Run, turns: number): Promise<number> {
  let count = 0;
  const stop = promiseHooks.onInit(() => {
    count += 1;
  });
  await run(turns);
  stop();
  return Math.round(count / turns);
}

async function weigh(run: Run, turns: number): Promise<Pick<Weight, 'bytes' | 'cpuMicroseconds'>> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const cpu = process.cpuUsage();
  await run(turns);
  const { user, system } = process.cpuUsage(cpu);
  const bytes = (process.memoryUsage().heapUsed - before) / turns;
  return { bytes, cpuMicroseconds: (user + system) / turns };
}

const { strategy, warmUp, rounds, turns, ...rest } = await task<Weighing>();
const bare = runner(rest, 'none');
const other = runner(rest, strategy);
await bare.run(warmUp);
await other.run(warmUp);
type Sample = Awaited<ReturnType<typeof weigh>>;
const seen: (readonly [bare: Sample, other: Sample])[] = [];
for (let round = 0; round < rounds; round++) {
  seen.push([await weigh(bare.run, turns), await weigh(other.run, turns)]);
}
const weightOf = async (run: Run, nth: 0 | 1): Promise<Weight> => ({
  promises: await promises(run, turns),
  bytes: Math.round(Math.min(...seen.map((both) => both[nth].bytes))),
  cpuMicroseconds: Math.round(median(seen.map((both) => both[nth].cpuMicroseconds))),
});
const [without, own] = [await weightOf(bare.run, 0), await weightOf(other.run, 1)];
const said: Weighed = {
  bare: without,
  with: own,
  addedBytes: own.bytes - without.bytes,
  done: 2 * (warmUp + (rounds + 1) * turns),
};
say(said);
await Promise.all([bare.close(), other.close()]);
process.disconnect();
