/** A process that does nothing but one autocommit query after the other, bare and with a strategy, in turns. */
import { promiseHooks } from 'node:v8';
import { type Adapter, makers } from '../clients/adapters.js';
import type { ClientSettings } from '../clients/client.js';
import { playOf, type StrategyName } from '../strategies.js';
import { say, task } from './child.js';

const rounds = 7;
const queries = 200;

/** Per query. */
export interface Weight {
  readonly promises: number;
  readonly bytes: number;
  /** Of this process, the driver's own work included. */
  readonly cpuMicroseconds: number;
}

type Run = (count: number) => Promise<void>;

function runner(adapter: Adapter, strategy: StrategyName, config: ClientSettings['config']) {
  const carom = strategy === 'carom' ? {} : undefined;
  const client = makers[adapter]({ config, carom });
  const play = playOf(strategy);
  const isPlain = strategy === 'none' || strategy === 'carom';
  const call = (): Promise<unknown> => client.read();
  const run: Run = async (count) => {
    for (let nth = 0; nth < count; nth++) await (isPlain ? client.read() : play(call));
  };
  return { run, close: () => client.close() };
}

async function promises(run: Run): Promise<number> {
  let count = 0;
  const stop = promiseHooks.onInit(() => {
    count += 1;
  });
  await run(queries);
  stop();
  return Math.round(count / queries);
}

async function weigh(run: Run): Promise<Pick<Weight, 'bytes' | 'cpuMicroseconds'>> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const cpu = process.cpuUsage();
  await run(queries);
  const { user, system } = process.cpuUsage(cpu);
  const bytes = (process.memoryUsage().heapUsed - before) / queries;
  return { bytes, cpuMicroseconds: (user + system) / queries };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const { adapter, strategy, config } = await task();
const both = [runner(adapter, 'none', config), runner(adapter, strategy, config)];
for (const { run } of both) await run(3 * queries);
const seen = both.map(() => [] as Awaited<ReturnType<typeof weigh>>[]);
for (let round = 0; round < rounds; round++) {
  for (const [nth, { run }] of both.entries()) seen[nth]?.push(await weigh(run));
}
const weights: Weight[] = [];
for (const [nth, { run }] of both.entries()) {
  weights.push({
    promises: await promises(run),
    bytes: Math.round(median((seen[nth] ?? []).map(({ bytes }) => bytes))),
    cpuMicroseconds: Math.round(median((seen[nth] ?? []).map((it) => it.cpuMicroseconds))),
  });
}
say({ bare: weights[0], with: weights[1], queries: both.length * queries * (rounds + 4) });
await Promise.all(both.map(({ close }) => close()));
process.disconnect();
