/** Weighing: what one piece of work costs more with a strategy than with the bare client, in a process that does nothing else. */
import { bundled } from './programs/bundle.js';
import type { Weighed, Weighing } from './programs/calm.js';
import { next, startPlain, type Task } from './programs/child.js';

/** So that no garbage is collected within a round. */
const roomy = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

/** How it is weighed. */
export type Scale = Pick<Weighing, 'warmUp' | 'rounds' | 'turns'> & {
  readonly flags: readonly string[];
};

/** As it runs for users: what the optimizer spares, and when, differs a little from one process to the next. */
const optimized = { flags: roomy, warmUp: 2_000, rounds: 9, turns: 500 };

/** As it is written: every allocation counts, and all runs agree within some bytes. */
const interpreted = [...roomy, '--no-opt', '--no-sparkplug'];
const exact = {
  query: { flags: interpreted, warmUp: 400, rounds: 15, turns: 60 },
  transaction: { flags: interpreted, warmUp: 100, rounds: 9, turns: 40 },
} as const;

/** Enough for what does not change from one to the next: promises, round trips. */
const light = { flags: [], warmUp: 20, rounds: 1, turns: 100 };

export const scales = { optimized, exact, light };

let bundle: string | undefined;

/** Weighs it. @throws when the process died */
export async function weigh(
  task: Task,
  work: Weighing['work'],
  { flags, ...effort }: Scale,
): Promise<Weighed> {
  const weighing: Weighing = { ...task, work, ...effort };
  bundle ??= bundled('calm.ts');
  const child = startPlain(bundle, weighing, flags);
  try {
    const said = await next<Weighed>(child);
    if (said === undefined) throw new Error('the process that was weighed died');
    return said;
  } finally {
    child.kill('SIGKILL');
  }
}
