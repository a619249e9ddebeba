/** The scope of a transaction callback: what makes nested shots known to the unit (retry unit) around them. */
import { nativePromise } from '@carom/core';
import { CommitHooks } from './commit-hooks.js';
import { surrounding } from './surroundings.js';

/** One callback unit while it runs. */
export interface Scope {
  /** The key of its datasource. */
  readonly datasource: string;
  readonly around: Scope | undefined;
  /** A settled unit has no say any more in what its left-over continuations do. */
  settled: boolean;
  /** Why the unit cannot be played again: a write beside its handle. */
  taint: string | undefined;
  /** What its callback wants done when it is committed. */
  readonly hooks: CommitHooks;
}

const scopes = surrounding('scope', (value): value is Scope => value !== undefined);

/**
 * Runs a unit's callback in a scope of its own. What it returns may be lazy, as a query builder is: it begins here, and not
 * outside the scope where it would be awaited.
 */
export function enterScope<T>(scope: Scope, callback: () => T): T {
  return scopes.run(scope, () => {
    const result = callback();
    return isThenable(result) ? (nativePromise(result) as T) : result;
  });
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';

/** A scope within the current one. */
export function openScope(datasource: string): Scope {
  const around = scopes.current();
  return { datasource, around, settled: false, taint: undefined, hooks: new CommitHooks() };
}

/** The unit whose callback this code runs in. */
export function currentScope(): Scope | undefined {
  let scope = scopes.current();
  while (scope?.settled) scope = scope.around;
  return scope;
}

/**
 * Tells the units around a shot that is not on their handle. A write beside the handle, finished or
 * not, is not undone with the transaction, so that playing the transaction again would double it.
 * @param around the innermost of them. Default: that of the code that calls.
 */
export function taintScopes(
  datasource: string,
  shot: { readonly name: string; isWrite(): boolean },
  around: Scope | undefined = scopes.current(),
): void {
  if (around === undefined || !shot.isWrite()) return;
  for (let scope: Scope | undefined = around; scope !== undefined; scope = scope.around) {
    if (scope.settled || scope.datasource !== datasource) continue;
    scope.taint ??= `${shot.name} wrote beside the transaction's own handle, and would be done twice`;
  }
}
