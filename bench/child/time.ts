/** How long each takes: many short samples, the contenders in another random order each round. */
import { keyOf } from '../contender.js';
import type { Runner } from './line-up.js';
import { turnTime, warmUp } from './warm-up.js';

/** How long a sample is meant to take, in ms. */
const sample = 1;

/** Each contender's times in ns, round by round. */
export async function measureTime(
  runners: readonly Runner[],
  rounds: number,
): Promise<Readonly<Record<string, readonly number[]>>> {
  await warmUp(runners);
  const runs = [];
  for (const runner of runners) {
    const turn = await turnTime(runner.loop, 5);
    const turns = turn > sample ? 2 : Math.ceil(sample / (await turnTime(runner.loop, 200)));
    runs.push({ ...runner, turns, samples: [] as number[] });
  }
  for (let round = 0; round < rounds; round++) {
    for (const { loop, turns, perTurn = 1, samples } of shuffled(runs)) {
      const start = process.hrtime.bigint();
      await loop(turns);
      samples.push(Number(process.hrtime.bigint() - start) / turns / perTurn);
    }
  }
  return Object.fromEntries(runs.map((run) => [keyOf(run), run.samples]));
}

/** Whoever always comes after the same one would be measured with its garbage. */
function shuffled<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value) => ({ value, chance: Math.random() }))
    .sort((a, b) => a.chance - b.chance)
    .map(({ value }) => value);
}
