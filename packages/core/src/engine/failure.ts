/** A failure is an attempt that did not do what it should: an error, or a result that does not satisfy. */
import type { CallOptions } from '../options.js';
import type { Verdict, VerdictKind } from '../verdict.js';
import { resultVerdict } from './judge.js';
import type { FailedShot, Shot } from './shot.js';

/** A failed attempt. */
export interface Failure {
  readonly error: unknown;
  readonly verdict: Verdict;
}

/** A result that `whenResult` does not take for success goes the way of an error. */
export class Unsatisfying<T> {
  readonly #value: T;
  readonly verdict: Verdict;

  constructor(value: T, verdict: Verdict) {
    this.#value = value;
    this.verdict = verdict;
  }

  /** The result. */
  get value(): T {
    return this.#value;
  }

  /** Whether an error is none. Unlike `instanceof` it asks nothing of a proxy, which might refuse. */
  static is(error: unknown): error is Unsatisfying<unknown> {
    return typeof error === 'object' && error !== null && #value in error;
  }
}

/** The error of an attempt that failed. None where its result did not satisfy: that is data, and comes back as the result or not at all. */
export function errorOf(failure: Failure | undefined): unknown {
  return Unsatisfying.is(failure?.error) ? undefined : failure?.error;
}

/** Which of its two purses a budget pays from when it is played again. */
export function spentOn({ verdict }: Failure): 'contention' | 'outage' {
  return verdict.kind === 'contention' ? 'contention' : 'outage';
}

const kinds: readonly VerdictKind[] = [
  'contention',
  'outage',
  'overload',
  'stale',
  'permanent',
  'cancelled',
];

/** Whether a result that came is one to bounce on. */
export function unsatisfied<T>(
  { whenResult }: Pick<CallOptions, 'whenResult'>,
  value: T,
  attempt: number,
): Unsatisfying<T> | undefined {
  const answer = whenResult?.(value, attempt);
  const kind = answer === true ? 'outage' : kinds.find((one) => one === answer);
  return kind && new Unsatisfying(value, resultVerdict(kind));
}

/** A failure as events tell of it: a result is the caller's data, and nobody else's. */
export function shown(failure: Failure): Failure {
  return Unsatisfying.is(failure.error) ? { ...failure, error: undefined } : failure;
}

/** What the caller gets of a shot that failed. */
export function concluded(
  shot: Pick<Shot<unknown>, 'conclude'>,
  error: unknown,
  end: FailedShot,
): unknown {
  try {
    return shot.conclude?.(error, end) ?? error;
  } catch {
    // The error itself says more than one about describing it.
    return error;
  }
}
