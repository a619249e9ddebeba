/** Measuring: each thing in child processes of its own, with all contenders in each. */
import type { Entry, Report } from './child/main.js';
import type { Steps } from './child/promises.js';
import { inChild } from './children.js';
import type { Skipped } from './contender.js';

/** How much is measured. */
export interface Effort {
  /** Child processes that measure the time, and rounds in each. */
  readonly processes: number;
  readonly rounds: number;
  /** Child processes that measure the bytes. */
  readonly byteProcesses: number;
  /** Of whom, besides Carom. */
  readonly peers: 'none' | 'times' | 'all';
}

/** What the children found, by contender. */
export interface Findings {
  readonly entries: readonly Entry[];
  readonly skipped: readonly Skipped[];
  /** In ns, by process and round: only times of one process compare, and best those of one round. */
  readonly times: readonly Readonly<Record<string, readonly number[]>>[];
  readonly bytes: readonly Readonly<Record<string, number>>[];
  readonly steps: Readonly<Record<string, Steps>>;
}

/** Nothing is collected within a sample: the young generation is large, and stays as it is. */
const forBytes = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64'];

/** @param core the file of the built package */
export function measure(core: string, effort: Effort): Findings {
  const { byteProcesses, peers } = effort;
  const all = ['--core', core, ...(peers === 'none' ? [] : ['--peers'])];
  const some = ['--core', core, ...(peers === 'all' ? ['--peers'] : [])];
  const steps = inChild<Report<Steps>>('figures', ['steps', ...all]);
  const bytes = (): Report<number> => inChild('figures', ['bytes', ...some], forBytes);
  return {
    entries: steps.entries,
    skipped: steps.skipped,
    steps: steps.figures,
    bytes: repeat(byteProcesses, () => bytes().figures),
    times: measureTimes(core, effort),
  };
}

/** The times alone. */
function measureTimes(core: string, effort: Effort): Findings['times'] {
  const { processes, rounds, peers } = effort;
  const args = ['--core', core, '--rounds', String(rounds)];
  if (peers !== 'none') args.push('--peers');
  const times = (): Report<readonly number[]> => inChild('figures', ['time', ...args]);
  return repeat(processes, () => times().figures);
}

/** One after the other: two at a time would measure each other. */
function repeat<T>(count: number, action: () => T): readonly T[] {
  return Array.from({ length: count }, action);
}
