/** How much memory one turn takes from the heap, collected later or not. */
import { keyOf } from '../contender.js';
import { median } from '../median.js';
import type { Runner } from './line-up.js';
import { turnTime, warmUp } from './warm-up.js';

const rounds = 7;
const most = 100_000;
/** So little that no garbage is collected within a sample: the young generation holds 64 MB. */
const bytesOfSample = 8_000_000;

/** Each contender's bytes. The process needs `--expose-gc` and a large young generation. */
export async function measureBytes(
  runners: readonly Runner[],
): Promise<Readonly<Record<string, number>>> {
  await warmUp(runners);
  const bytes: Record<string, number> = {};
  for (const runner of runners) {
    const slow = (await turnTime(runner.loop, 5)) > 0.5;
    const trial = slow ? 10 : 200;
    const turns = slow ? trial : Math.min(most, bytesOfSample / (await grown(runner, trial)));
    const samples: number[] = [];
    for (let round = 0; round < rounds; round++) samples.push(await grown(runner, turns));
    bytes[keyOf(runner)] = median(samples);
  }
  return bytes;
}

async function grown({ loop, perTurn = 1 }: Runner, turns: number): Promise<number> {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  await loop(Math.ceil(turns));
  const after = process.memoryUsage().heapUsed;
  return Math.max(after - before, 1) / Math.ceil(turns) / perTurn;
}
