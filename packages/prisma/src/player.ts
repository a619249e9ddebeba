/** The player of one client: its strategy, its datasource, and its transactions that are under way. */
import type { Shot } from '@carom/core';
import type { Classify, Execution, ExecutionCallOptions } from '@carom/postgres';
import type { HookParams } from './internals.js';
import { drainPools } from './pool.js';

/** A transaction under way, as the query hook finds it by Prisma's id. */
export interface Unit {
  /** Sends one of its operations, and notes what there is to know about it. */
  send(params: HookParams, index: number): PromiseLike<unknown>;
}

/** What plays the shots of one client. */
export interface Player {
  /** What all of its shots have in common. */
  readonly base: {
    readonly datasource: string;
    readonly key: string;
    readonly classify: Classify | undefined;
    drain(): void;
  };
  readonly units: Map<string | number, Unit>;
  play<T>(shot: Shot<T>, call: ExecutionCallOptions | undefined): Promise<T>;
}

/** Makes the player of `client`. */
export function createPlayer(client: unknown, execution: Execution): Player {
  const { strategy, datasource, key, classify } = execution;
  return {
    base: { datasource, key, classify, drain: () => drainPools(client) },
    units: new Map(),
    play(shot, call) {
      if (call === undefined) return strategy.play(shot);
      const { idempotent: _, ...rules } = call;
      return strategy.play(shot, rules);
    },
  };
}
