/** Weighing: what one piece of work costs more with a strategy than with the bare client, in a process that does nothing else. */
import { bundled } from './programs/bundle.js';
import type { Weighed, Weighing } from './programs/calm.js';
import { next, startPlain, type Task } from './programs/child.js';

/** So that little garbage is collected meanwhile. */
const roomy = ['--min-semi-space-size=64', '--max-semi-space-size=64'];

/** How it is weighed. */
export type Scale = Pick<Weighing, 'warmUp' | 'turns'> & {
  readonly flags: readonly string[];
};

/** As it runs for users. */
const optimized = { flags: roomy, warmUp: 6_000, turns: 2_000 };

/** As it is written: every allocation counts, whatever the optimizer spares. */
const interpreted = [...roomy, '--no-opt', '--no-sparkplug'];
const exact = {
  query: { flags: interpreted, warmUp: 400, turns: 400 },
  transaction: { flags: interpreted, warmUp: 100, turns: 200 },
} as const;

/** Enough for what does not change from one to the next: promises, round trips. */
const light = { flags: [], warmUp: 25, turns: 100 };

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
