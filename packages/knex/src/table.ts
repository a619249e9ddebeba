/** A table is what all shots of one wrapped Knex have in common, or of one call's options: made once. */
import type { CallOptions, Strategy } from '@carom/core';
import type { Countdown, GuardRules, UnitBase, Vigil, WaitingRoom } from '@carom/postgres';
import type { Builder, KnexClient, Runner } from './internals.js';

/** Of a wrapped Knex. */
export interface Table {
  readonly strategy: Strategy;
  /** Per call. */
  readonly rules: CallOptions | undefined;
  /** The real client: it has the pool. */
  readonly client: KnexClient;
  readonly base: UnitBase;
  /** How lost COMMITs are settled; undefined where they are not. */
  readonly guarding: GuardRules | undefined;
  /** How long an attempt waits for a connection, in ms; undefined leaves it to Knex. */
  readonly connectPatience: number | undefined;
  readonly vigil: Vigil | undefined;
  /** Where a connection is waited for. */
  readonly room: WaitingRoom;
  /** Where reads are taken from while the circuit is open. */
  readonly replica: KnexClient | undefined;
  /** Begins to count the time of a shot. */
  countdown(): Countdown;
  /** Whether single writes are run as transactions. */
  readonly exactlyOnce: boolean;
  /** A plain runner of Knex. */
  runner(builder: Builder): Runner;
}
