/** The events of the scoreboard (telemetry): every decision that somebody may want to hear of. */
import type { CushionState } from '../breaker/transitions.js';
import type { Millis } from '../clock.js';
import type { FailedOutcome, Verdict } from '../verdict.js';
import type { Decided } from './decided.js';

/** Which shot an event is about. */
export interface ShotEvent {
  /** Ties the events of one shot together; counts the shots of this process that somebody heard of. */
  readonly id: number;
  /** What the shot does, where it has a name: `order.create`. */
  readonly operation: string | undefined;
  /** What it is played against: a database as its adapter names it, or the service that the cushion is named after. */
  readonly datasource: string | undefined;
}

/** An error that is told of. */
export interface ErrorEvent {
  /** The very object. Not enumerable: its text may hold what must not be written down. */
  readonly error: unknown;
}

/** An attempt begins. */
export interface AttemptStarted extends ShotEvent {
  /** Counts from 1. */
  readonly attempt: number;
}

/** Which attempt of a shot, and what came of it. */
export interface AttemptEvent extends ShotEvent, ErrorEvent {
  /** Counts from 1; 0 where none was played. */
  readonly attempt: number;
  /** How far the attempt got, where the adapter says: `statement`, `commit`. */
  readonly phase: string | undefined;
  /** What the failure means, and why. */
  readonly verdict: Verdict;
  /** That of the verdict: the SQLSTATE, or what else a person would search for. */
  readonly code: string | undefined;
}

/** A change of state of a cushion (circuit breaker). */
export interface CircuitEvent {
  /** The name of the cushion. */
  readonly datasource: string;
  readonly previous: CushionState;
  /** When asking again makes sense, in ms; `Infinity` while isolated. */
  readonly retryAfter: Millis;
}

/** What there is to hear, and what is told. All times in ms. */
export interface ScoreboardEvents {
  readonly shotStarted: ShotEvent;
  readonly attemptStarted: AttemptStarted;
  /** `verdict` is undefined where the attempt did what it should. */
  readonly attemptEnded: AttemptStarted &
    ErrorEvent & {
      readonly phase: string | undefined;
      readonly verdict: Verdict | undefined;
      readonly code: string | undefined;
    };
  /** It is played again after `delay`. */
  readonly shotRetry: AttemptEvent &
    Decided<'retry'> & {
      readonly delay: Millis;
      /** How many more its budget has for this kind of failure; undefined where none counts it. */
      readonly budgetLeft: number | undefined;
    };
  /** `duration` is undefined where the shot began before anybody listened, and had no clock running. */
  readonly shotCompleted: ShotEvent & {
    readonly attempts: number;
    readonly duration: Millis | undefined;
  };
  /** It is not played again; `outcome` is that of all attempts together, `duration` as in `shotCompleted`. */
  readonly shotFailed: AttemptEvent &
    Decided<'stop'> & { readonly duration: Millis | undefined; readonly outcome: FailedOutcome };
  /** A clock ran out: of the whole shot or of one attempt. */
  readonly shotTimeout: AttemptStarted &
    Decided<'abandon'> & {
      readonly phase: string | undefined;
      readonly scope: 'shot' | 'attempt';
      readonly limit: Millis;
    };
  /** It waits: at an open cushion, for its turn at a compartment or a throttle, or for its turn among those of its kind. */
  readonly shotParked: AttemptStarted & Decided<'wait'>;
  /** It was let in after `waited`. */
  readonly shotReleased: AttemptStarted & Decided<'admit'> & { readonly waited: Millis };
  /** A cushion, compartment or throttle did not let it in; `code` says which. */
  readonly shotRejected: AttemptStarted &
    ErrorEvent &
    Decided<'reject'> & { readonly code: string | undefined };
  /** It would have been played again, and the retry budget is used up. */
  readonly budgetExhausted: AttemptEvent & Decided<'stop'>;
  /** A pocket answered in place of the shot. */
  readonly fallbackUsed: ErrorEvent & Decided<'fallback'> & { readonly code: string | undefined };
  readonly circuitOpened: CircuitEvent & Decided<'open'>;
  readonly circuitHalfOpened: CircuitEvent & Decided<'half-open'>;
  readonly circuitClosed: CircuitEvent & Decided<'closed'>;
  readonly circuitIsolated: CircuitEvent & Decided<'isolated'>;
}

/** The name of an event. */
export type ScoreboardEvent = keyof ScoreboardEvents;

/** Told of an event; what it throws is dropped. */
export type ScoreboardListener<E extends ScoreboardEvent> = (event: ScoreboardEvents[E]) => void;

/**
 * Calls `play` once, in a context of its own. What `play` gives and throws is none of its business, and
 * where it does not call it, or throws, the attempt is played all the same.
 */
export type AttemptAround = (event: AttemptStarted, play: () => void) => void;
