/** The events of the scoreboard (telemetry): every decision that somebody may want to hear of. */
import type { CushionState } from '../breaker/transitions.js';
import type { Millis } from '../clock.js';
import type { FailedOutcome, Verdict } from '../verdict.js';

/** Which shot an event is about. */
export interface ShotEvent {
  /** The shot's name, where it has one: `order.create`. */
  readonly shot: string | undefined;
  /** The service or datasource: the name of its cushion, where there is one. */
  readonly service: string | undefined;
}

/** Which attempt of a shot, and what came of it. */
export interface AttemptEvent extends ShotEvent {
  /** Counts from 1; 0 where none was played. */
  readonly attempt: number;
  readonly error: unknown;
  readonly verdict: Verdict;
}

/** A change of state of a cushion (circuit breaker). */
export interface CircuitEvent {
  /** The name of the cushion. */
  readonly service: string;
  readonly previous: CushionState;
  /** When asking again makes sense, in ms; `Infinity` while isolated. */
  readonly retryAfter: Millis;
}

/** What there is to hear, and what is told. All times in ms. */
export interface ScoreboardEvents {
  readonly shotStarted: ShotEvent;
  /** It is played again after `delay`. */
  readonly shotRetry: AttemptEvent & { readonly delay: Millis };
  readonly shotCompleted: ShotEvent & { readonly attempts: number; readonly duration: Millis };
  /** `why` it was not played again; `outcome` is that of all attempts together. */
  readonly shotFailed: AttemptEvent & {
    readonly duration: Millis;
    readonly outcome: FailedOutcome;
    readonly why: string;
  };
  /** A clock ran out: of the whole shot or of one attempt. */
  readonly shotTimeout: ShotEvent & {
    readonly attempt: number;
    readonly scope: 'shot' | 'attempt';
    readonly limit: Millis;
  };
  /** It waits: at an open cushion, or for its turn at a compartment or a throttle. */
  readonly shotParked: ShotEvent & { readonly attempt: number };
  /** It was let in after `waited`. */
  readonly shotReleased: ShotEvent & { readonly attempt: number; readonly waited: Millis };
  /** A cushion, compartment or throttle did not let it in. */
  readonly shotRejected: ShotEvent & { readonly attempt: number; readonly error: unknown };
  /** It would have been played again, and the retry budget is used up. */
  readonly budgetExhausted: AttemptEvent;
  /** A pocket answered in place of the shot. */
  readonly fallbackUsed: { readonly error: unknown };
  readonly circuitOpened: CircuitEvent;
  readonly circuitHalfOpened: CircuitEvent;
  readonly circuitClosed: CircuitEvent;
  readonly circuitIsolated: CircuitEvent;
}

/** The name of an event. */
export type ScoreboardEvent = keyof ScoreboardEvents;

/** Told of an event; what it throws is dropped. */
export type ScoreboardListener<E extends ScoreboardEvent> = (event: ScoreboardEvents[E]) => void;
