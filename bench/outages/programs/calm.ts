/** A process that does nothing but one piece of work after the other, bare and with a strategy, in turns. */
import { getHeapStatistics, promiseHooks } from 'node:v8';
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
  /** How often each client does it while its bytes are weighed, again while its promises are counted, and while its time is taken. */
  readonly turns: number;
}

/** Per piece of work. */
export interface Weight {
  readonly promises: number;
  /** Of the middle one: what is collected, compiled or grows now and then is not in it. */
  readonly bytes: number;
  /** Of this process, the driver's own work included. */
  readonly cpuMicroseconds: number;
}

/** What it says. */
export interface Weighed {
  readonly bare: Weight;
  readonly with: Weight;
  /** The strategy's more than the bare client's. */
  readonly addedBytes: number;
  /** The strategy's time for one of the bare client's, of stretches side by side. */
  readonly cpuRatio: number;
  /** Pieces of work, of both. */
  readonly done: number;
}

type Run = (count: number) => Promise<void>;

function runner(
  { adapter, config, work }: Pick<Weighing, 'adapter' | 'config' | 'work'>,
  strategy: StrategyName,
): { readonly run: Run; readonly done: number; close(): Promise<unknown> } {
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
  let done = 0;
  const run: Run = async (count) => {
    done += count;
    for (let nth = 0; nth < count; nth++) await (isPlain ? call() : play(call));
  };
  return {
    run,
    get done() {
      return done;
    },
    close: () => client.close(),
  };
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

type Both<T> = readonly [bare: T, other: T];

/** Has each do it in turns, and first every other time: what changes while it goes on is the same for both. */
async function inTurns(
  turns: number,
  runs: Both<Run>,
  sample: (run: Run) => Promise<number>,
): Promise<Both<readonly number[]>> {
  const seen: Both<number[]> = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    for (const nth of turn % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      seen[nth].push(await sample(runs[nth]));
    }
  }
  return seen;
}

const heapUsed = (): number => getHeapStatistics().used_heap_size;

/** One piece of work: only so is it seen what belongs to it, and what to a collection or to the compiler. */
async function bytesOf(run: Run): Promise<number> {
  const before = heapUsed();
  await run(1);
  return heapUsed() - before;
}

/** So many pieces of work that the clock of the processor is exact enough. */
const stretch = 25;

async function timeOf(run: Run): Promise<number> {
  const before = process.cpuUsage();
  await run(stretch);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / stretch;
}

const { strategy, warmUp, turns, ...rest } = await task<Weighing>();
const clients = [runner(rest, 'none'), runner(rest, strategy)] as const;
const runs = [clients[0].run, clients[1].run] as const;
// Both by and by: what the compiler learns of one alone it forgets with the other.
for (let done = 0; done < warmUp; done += stretch) for (const run of runs) await run(stretch);
const bytes = await inTurns(turns, runs, bytesOf);
const times = await inTurns(Math.ceil(turns / stretch), runs, timeOf);
const idle = median(Array.from({ length: 100 }, () => -heapUsed() + heapUsed()));
const weightOf = async (nth: 0 | 1): Promise<Weight> => ({
  promises: await promises(runs[nth], turns),
  bytes: Math.round(median(bytes[nth]) - idle),
  cpuMicroseconds: Math.round(median(times[nth])),
});
const [bare, own] = [await weightOf(0), await weightOf(1)];
const ratios = times[0].map((time, nth) => (times[1][nth] ?? Number.NaN) / time);
const said: Weighed = {
  bare,
  with: own,
  addedBytes: own.bytes - bare.bytes,
  cpuRatio: Math.round(median(ratios) * 100) / 100,
  done: clients[0].done + clients[1].done,
};
say(said);
await Promise.all(clients.map((client) => client.close()));
process.disconnect();
