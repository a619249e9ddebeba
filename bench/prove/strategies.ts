/** The strategies of the proof: two to compare with, and Carom at each level at which it settles a lost COMMIT. */
import type { Millis } from '@carom/core';
import type { ExecutionOptions } from '@carom/postgres';

export interface Strategy {
  readonly name: 'none' | 'naive' | 'carom-xid' | 'carom-fence';
  /** The column of the report. */
  readonly column: 'none' | 'naive' | 'carom';
  readonly title: string;
  /** Carom's options; undefined for the bare client. */
  readonly carom: (ExecutionOptions & { readonly commit: 'xid' | 'fence' }) | undefined;
  /** Plays a unit of work. */
  play<T>(work: () => Promise<T>): Promise<T>;
}

const once = <T>(work: () => Promise<T>): Promise<T> => work();

const tries = 5;
const apart: Millis = 50;

/** As it stands in many a project: again on any error. */
async function handWrittenLoop<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, apart));
    }
  }
}

/** About ten times as fast as the defaults: what is proved is what is said, not how long it takes. */
const pace: ExecutionOptions = {
  ...{ retries: 100, patience: 60_000, attemptTimeout: 400, exactlyOnce: true },
  ...{ baseDelay: 10, maxDelay: 300 },
};

/** While the server suffers, no attempt is given up early: where it is held is where it is hit. */
export const unhurried = { attemptTimeout: 20_000 } as const;

export const strategies: readonly Strategy[] = [
  { name: 'none', column: 'none', title: 'no strategy', carom: undefined, play: once },
  {
    ...{ name: 'naive', column: 'naive', title: 'hand-written loop' },
    ...{ carom: undefined, play: handWrittenLoop },
  },
  {
    ...{ name: 'carom-xid', column: 'carom', title: "Carom, `'xid'`" },
    ...{ carom: { ...pace, commit: 'xid' }, play: once },
  },
  {
    ...{ name: 'carom-fence', column: 'carom', title: "Carom, `'fence'`" },
    ...{ carom: { ...pace, commit: 'fence' }, play: once },
  },
];
