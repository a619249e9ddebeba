/** The events that a database adds to the scoreboard (telemetry): lost COMMITs, and connections thrown away. */
import type { Decided, ErrorEvent, Millis, Verdict } from '@carom/core';
import type { Phase } from '../classify/phase.js';

/** Whose database it is about. */
export interface DatasourceEvent {
  /** The datasource's name, as in the events of its shots. */
  readonly datasource: string;
}

/** What an attempt did to its connections. */
export interface ConnectionEvent extends DatasourceEvent {
  /** What the shot does: its name. */
  readonly operation: string;
  /** Counts from 1; undefined where only the COMMIT is known that was not answered. */
  readonly attempt: number | undefined;
  readonly phase: Phase;
  /** The failure that it was done for; undefined where the work itself is well. */
  readonly verdict: Verdict | undefined;
  /** That of the verdict: the SQLSTATE, or what else a person would search for. */
  readonly code: string | undefined;
}

/** What there is to hear beside the events of the core. All times in ms. */
export interface DatabaseEvents {
  /** The server was asked about a COMMIT whose answer was lost, and said what became of it. */
  readonly outcomeResolved: DatasourceEvent &
    Decided<'settle'> & {
      readonly outcome: 'committed' | 'rolled-back';
      /** How it was asked: by the transaction's id, or by the token of the fence. */
      readonly level: 'xid' | 'fence';
      /** Whether somebody asked later, `resolve()` or `resolveOutcome`. */
      readonly late: boolean;
      /** Since it was first asked. */
      readonly duration: Millis;
    };
  /** Nobody can say whether a write was done: its caller gets an `OutcomeUnknownError`, the `error`. */
  readonly outcomeUnknown: DatasourceEvent &
    ErrorEvent &
    Decided<'stop'> & {
      readonly operation: string;
      readonly attempts: number;
      readonly phase: Phase;
      readonly verdict: Verdict;
      readonly code: string | undefined;
      /** Whether it can be asked about later, by its ticket. */
      readonly resolvable: boolean;
    };
  /** The connection of an attempt was thrown away, so that none of the next is played on it. */
  readonly connectionDiscarded: ConnectionEvent & Decided<'discard'>;
  /** The idle connections of the pool were thrown away: they lead to the wrong server. */
  readonly poolDrained: ConnectionEvent & Decided<'drain'>;
}

/** Their names. */
export const databaseEvents: readonly (keyof DatabaseEvents)[] = [
  'outcomeResolved',
  'outcomeUnknown',
  'connectionDiscarded',
  'poolDrained',
];
