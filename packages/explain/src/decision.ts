/** The decision in words: whether an attempt that failed so is played again (retry), and why. */
import type { Verdict } from '@carom/postgres';
import type { Stage } from './stage.js';

/** Whether it is played again: always, never, or only where that does no harm. */
export type Retried = 'yes' | 'no' | 'reads only';

/** Whether, and why. */
export interface Decision {
  readonly retried: Retried;
  readonly why: string;
}

const pace: Readonly<Record<Verdict['kind'], string>> = {
  contention: 'within the patience, from 10 ms with full jitter; the database is well',
  outage: 'up to `retries` times, from `baseDelay`; it counts against the cushion',
  overload: 'within the patience, from five times `baseDelay`: a full server needs room',
  stale: 'on a new connection, the first time at once',
  permanent: '',
  cancelled: '',
};

/** What Carom does after such a failure. */
export function decisionOn({ kind, outcome }: Verdict, { phase, inTransaction }: Stage): Decision {
  if (kind === 'permanent') return { retried: 'no', why: 'playing again cannot help' };
  if (kind === 'cancelled') return { retried: 'no', why: 'the caller took it back' };
  if (outcome !== 'unknown') {
    const what = inTransaction ? 'the whole transaction' : 'the work';
    return { retried: 'yes', why: `${what}, ${pace[kind]}` };
  }
  return {
    retried: 'reads only',
    why:
      phase === 'commit'
        ? 'the server is asked first: committed is a success, rolled back is played again; what it cannot say is an OutcomeUnknownError'
        : 'the work may have been done: a read, or one declared idempotent, is played again; a write is an OutcomeUnknownError',
  };
}
