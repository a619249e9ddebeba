/** Warming up: until the compiler is done with a loop, its figures are not those of a program. */
import type { Loop } from '../contender.js';
import type { Runner } from './line-up.js';

/** In turns and in ms; the first that is reached ends it. */
const enough = { turns: 50_000, ms: 50 };
/** A turn that waits for a timer takes more than a millisecond. */
const slowTurn = 0.5;

/** How long one turn takes, in ms. */
export async function turnTime(loop: Loop, turns: number): Promise<number> {
  const start = performance.now();
  await loop(turns);
  return (performance.now() - start) / turns;
}

/** Runs every loop, and then every loop again: what others did may undo what was learnt of one. */
export async function warmUp(runners: readonly Runner[]): Promise<void> {
  for (let round = 0; round < 2; round++) {
    for (const { loop } of runners) {
      const end = performance.now() + enough.ms;
      const step = (await turnTime(loop, 5)) > slowTurn ? 5 : 1_000;
      for (let turns = 0; turns < enough.turns && performance.now() < end; turns += step) {
        await loop(step);
      }
    }
  }
}
