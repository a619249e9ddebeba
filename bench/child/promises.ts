/** How many promises one turn makes, and for how many ticks of the microtask queue it waits. No noise. */
import { promiseHooks } from 'node:v8';
import { keyOf } from '../contender.js';
import type { Runner } from './line-up.js';

const turns = 100;
/** Whoever takes longer waits for a timer. */
const mostTicks = 200;

export interface Steps {
  readonly promises: number;
  /** Undefined where a timer is waited for. */
  readonly ticks: number | undefined;
}

/** Each contender's promises and ticks. */
export async function countSteps(
  runners: readonly Runner[],
): Promise<Readonly<Record<string, Steps>>> {
  const steps: Record<string, Steps> = {};
  for (const runner of runners) {
    await runner.loop(turns);
    await macrotask();
    steps[keyOf(runner)] = { promises: await promises(runner), ticks: await ticks(runner) };
  }
  return steps;
}

async function promises({ loop, perTurn = 1 }: Runner): Promise<number> {
  let count = 0;
  const stop = promiseHooks.onInit(() => {
    count += 1;
  });
  const end = loop(turns);
  await end;
  stop();
  await macrotask();
  // A few are this function's own.
  return Math.round(count / turns / perTurn);
}

async function ticks({ loop }: Runner): Promise<number | undefined> {
  let over = false;
  const end = Promise.resolve(loop(1)).then(() => {
    over = true;
  });
  let count = 0;
  for (; !over && count < mostTicks; count++) await Promise.resolve();
  await end;
  return count < mostTicks ? count : undefined;
}

/** What was started meanwhile has ended. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
