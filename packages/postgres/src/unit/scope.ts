/** The scope of a unit (retry unit) that other code is a part of: what makes nested shots known to the unit around them. */
import { nativePromise } from '@carom/core';
import type { CommitHooks } from './commit-hooks.js';
import { surrounding } from './surroundings.js';

/** One unit while its callback, or the hooks of other extensions, run. */
export interface Scope {
  /** The key of its datasource. */
  readonly datasource: string;
  readonly around: Scope | undefined;
  /** A settled unit has no say any more in what its left-over continuations do. */
  settled: boolean;
  /** Why the unit cannot be played again: a write beside its handle. */
  taint: string | undefined;
  /** What its callback wants done when it is committed; a statement has none. */
  readonly hooks: CommitHooks | undefined;
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

/** A shot that may be made beside the handle of a unit. */
interface Besides {
  readonly name: string;
  isWrite(): boolean;
}

/** A scope within the current one. */
export function openScope(datasource: string, hooks?: CommitHooks): Scope {
  return { datasource, around: scopes.current(), settled: false, taint: undefined, hooks };
}

/** The commit hooks of the transaction whose callback this code runs in. */
export function currentHooks(): CommitHooks | undefined {
  let scope = scopes.current();
  while (scope !== undefined && (scope.settled || scope.hooks === undefined)) scope = scope.around;
  return scope?.hooks;
}

/**
 * Tells the units around a shot that is not on their handle. A write beside the handle, finished or
 * not, is not undone with the transaction, so that playing the transaction again would double it.
 */
export function taintScopes(datasource: string, shot: Besides): void {
  const around = scopes.current();
  if (around !== undefined && shot.isWrite()) taint(around, datasource, shot.name);
}

/** The same where it turns out later to be a write. */
export function taintAround(scope: Scope | undefined, datasource: string, name: string): void {
  if (scope?.around !== undefined) taint(scope.around, datasource, name);
}

function taint(innermost: Scope, datasource: string, name: string): void {
  for (let scope: Scope | undefined = innermost; scope !== undefined; scope = scope.around) {
    if (scope.settled || scope.datasource !== datasource) continue;
    const what = scope.hooks === undefined ? 'the statement' : "the transaction's own handle";
    scope.taint ??= `${name} wrote beside ${what}, and would be done twice`;
  }
}
