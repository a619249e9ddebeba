/** A binding is a pool with its execution strategy and, for one call or many, the caller's options. */
import type { CallOptions } from '@carom/core';
import {
  drainPool,
  type Execution,
  type ExecutionCallOptions,
  type GuardRules,
  guardRules,
  type UnitBase,
  type WaitingRoom,
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
  /** How lost COMMITs are settled; undefined where they are not. */
  readonly guarding: GuardRules | undefined;
  /** How long an attempt waits for a client, in ms; undefined leaves it to the pool. */
  readonly connectPatience: number | undefined;
  /** Where clients are waited for. */
  readonly room: WaitingRoom;
  /** Where reads are taken from while the circuit is open. */
  readonly readFrom: Pool | undefined;
  /** Whether single writes are run as transactions. */
  readonly exactlyOnce: boolean;
  readonly base: UnitBase;
}

export function createBinding(
  pool: Pool,
  execution: Execution,
  call: ExecutionCallOptions = {},
): Binding {
  const {
    idempotent = false,
    commit: _,
    exactlyOnce = execution.exactlyOnce,
    connectPatience = execution.connectPatience,
    readFrom = execution.readFrom,
    ...rules
  } = call;
  const { datasource, key, classify, resolver } = execution;
  return {
    pool,
    execution,
    call,
    rules: Object.keys(rules).length === 0 ? undefined : rules,
    guarding: guardRules(execution, call),
    exactlyOnce,
    connectPatience,
    room: execution.room,
    readFrom: readFrom as Pool | undefined,
    base: {
      datasource,
      key,
      classify,
      idempotent,
      resolver,
      drain: (client) => drainPool(pool, client),
    },
  };
}
