/** What several tests need: verdicts, and promises that can be looked at. */
import type { Circuit, FailedOutcome, Permit, Verdict, VerdictKind } from '@carom/core';

export const verdict = (kind: VerdictKind, outcome: FailedOutcome = 'not-executed'): Verdict => ({
  kind,
  outcome,
  connection: 'keep',
  reason: 'a test',
});

export interface Watched<T> {
  state: 'pending' | 'fulfilled' | 'rejected';
  value?: T;
  error?: unknown;
}

/** What has become of a promise so far. */
export function watch<T>(promise: PromiseLike<T>): Watched<T> {
  const watched: Watched<T> = { state: 'pending' };
  promise.then(
    (value) => Object.assign(watched, { state: 'fulfilled', value }),
    (error: unknown) => Object.assign(watched, { state: 'rejected', error }),
  );
  return watched;
}

/** The rejection itself, so that a test can ask whether it is the same object. */
export async function caught(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('the promise was fulfilled');
}

/** What a call throws. */
export function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

/** An action that throws the given errors one after the other and then returns `value`. */
export function failing<T>(
  errors: readonly unknown[],
  value: T,
): (() => Promise<T>) & { calls: number } {
  const action = async (): Promise<T> => {
    action.calls += 1;
    if (action.calls <= errors.length) throw errors[action.calls - 1];
    return value;
  };
  action.calls = 0;
  return action;
}

/** A promise and the means to settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

export const never = (): Promise<never> => new Promise<never>(() => {});

/** A permit, or the refusal as a rejection. */
export async function admitted(
  circuit: Circuit,
  patience?: number,
  signal?: AbortSignal,
): Promise<Permit> {
  const admission = await circuit.admit(patience, signal);
  if (typeof admission !== 'number') throw admission;
  return admission;
}
