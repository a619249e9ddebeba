/** A binding is a pool with its execution strategy and, for one call or many, the caller's options. */
import type { CallOptions } from '@carom/core';
import {
  drainPool,
  type Execution,
  type ExecutionCallOptions,
  type Statement,
} from '@carom/postgres';
import type { Pool } from 'pg';

/** What every shot on the pool has in common. */
export interface Binding {
  readonly pool: Pool;
  readonly execution: Execution;
  /** As the caller gave them. */
  readonly call: ExecutionCallOptions;
  /** What the engine takes of them; `undefined` when there are none. */
  readonly rules: CallOptions | undefined;
  /** What is the same in every shot. */
  readonly base: Pick<
    Statement<unknown>,
    'datasource' | 'key' | 'idempotent' | 'classify' | 'drain'
  >;
}

export function createBinding(
  pool: Pool,
  execution: Execution,
  call: ExecutionCallOptions = {},
): Binding {
  const { idempotent = false, ...rules } = call;
  const { datasource, key, classify } = execution;
  return {
    pool,
    execution,
    call,
    rules: Object.keys(rules).length === 0 ? undefined : rules,
    base: { datasource, key, classify, idempotent, drain: () => drainPool(pool) },
  };
}
