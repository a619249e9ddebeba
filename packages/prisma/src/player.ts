/** The player of one client: its strategy, its datasource, and its transactions that are under way. */
import type { Cushion, Permit, Shot, Strategy } from '@carom/core';
import {
  type CommitLevel,
  type Countdown,
  countdown,
  type Execution,
  type ExecutionCallOptions,
  guardRules,
  type Membership,
  type UnitBase,
} from '@carom/postgres';
import { type BatchRoutes, batchRoutes, type HookParams } from './internals.js';
import { drainPools, setWaits } from './pool.js';
import type { Settling } from './settling.js';

/** A transaction under way, as the query hook finds it by Prisma's id. */
export interface Unit {
  /** Sends one of its operations, and notes what there is to know about it. */
  send(params: HookParams, index: number): PromiseLike<unknown>;
}

/** What plays the shots of one client. */
export interface Player {
  /** What all of its shots have in common. */
  readonly base: UnitBase;
  /** The same for a call with options of its own. */
  baseOf(call: ExecutionCallOptions | undefined): UnitBase;
  /** Where reads are taken from while the circuit is open. */
  readonly readFrom: object | undefined;
  readonly cushion: Cushion | undefined;
  readonly units: Map<string | number, Unit>;
  readonly membership: Membership;
  /** Whether extensions were applied after Carom whose hooks run within its attempts. */
  hooked: boolean;
  /** Undefined where Prisma runs batches in a way that is not known. */
  readonly routes: BatchRoutes | undefined;
  /** Why its lost COMMITs cannot be settled, if they cannot. */
  readonly lacking: string | undefined;
  /** How they are settled where a call does not say. */
  readonly commit: CommitLevel;
  /** By the client's options, and those of the call. */
  settling(call: ExecutionCallOptions | undefined): Settling;
  /** Begins to count the time of a shot. */
  countdown(call: ExecutionCallOptions | undefined): Countdown;
  readonly strategy: Strategy;
  /** A permit for a first attempt that nothing but itself can end; 0 where `play` has to play it. */
  enter(): Permit;
  play<T>(shot: Shot<T>, call: ExecutionCallOptions | undefined): Promise<T>;
}

/**
 * Makes the player of `client`.
 * @param lacking why its lost COMMITs cannot be settled, if they cannot.
 */
export function createPlayer(
  client: unknown,
  execution: Execution,
  lacking: string | undefined,
): Player {
  const { strategy, datasource, key, classify, resolver, membership } = execution;
  setWaits(client, execution);
  const settling = (call: ExecutionCallOptions = {}): Settling => {
    const { commit = execution.commit, exactlyOnce = execution.exactlyOnce } = call;
    const guarding = guardRules(execution, call);
    return {
      connectPatience: call.connectPatience ?? execution.connectPatience,
      guarding,
      exactlyOnce: exactlyOnce && guarding !== undefined,
      seen: lacking === undefined,
      lacking: commit === 'none' ? undefined : lacking,
    };
  };
  const usual = settling();
  const drain = (connection: object | undefined): void => drainPools(client, connection);
  const base: UnitBase = { datasource, key, classify, resolver, drain, idempotent: false };
  return {
    base,
    baseOf: (call) => (call?.idempotent === true ? { ...base, idempotent: true } : base),
    readFrom: execution.readFrom,
    cushion: strategy.cushion,
    units: new Map(),
    membership,
    hooked: false,
    routes: batchRoutes(client),
    lacking,
    commit: execution.commit,
    settling: (call) => (call === undefined ? usual : settling(call)),
    countdown: (call) => countdown(execution, call),
    strategy,
    enter() {
      membership.open();
      return strategy.enter();
    },
    play(shot, call) {
      // After `$disconnect` the client may be used again.
      membership.open();
      if (call === undefined) return strategy.play(shot);
      const { idempotent, commit, exactlyOnce, connectPatience, readFrom, ...rules } = call;
      return strategy.play(shot, rules);
    },
  };
}
