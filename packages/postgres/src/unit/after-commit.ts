/** After commit: what a transaction's callback wants done once, and only when it is committed (side effects). */
import { CaromError } from '@carom/core';
import type { AfterCommit } from './commit-hooks.js';
import { currentHooks } from './scope.js';

/**
 * Has `hook` called when the transaction that this code runs in is committed: at most once, never for an attempt that
 * was undone and played again, and before the transaction's caller gets its result. When the outcome was unknown, a later
 * `error.resolve()` in the same process that finds it committed calls it. What it throws becomes a process warning.
 * @throws {CaromError} `CAROM_NOT_IN_TRANSACTION` outside of a transaction callback that Carom runs.
 */
export function afterCommit(hook: AfterCommit): void {
  const hooks = currentHooks();
  if (hooks === undefined) {
    throw new CaromError(
      'CAROM_NOT_IN_TRANSACTION',
      'afterCommit(…) is for the callback of a transaction that Carom runs: there is none around this call',
    );
  }
  hooks.add(hook);
}
