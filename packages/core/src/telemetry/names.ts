/** The names of the events, as the scoreboard (telemetry) and the diagnostics channels know them. */
import type { ScoreboardEvent } from './events.js';

/** What a shot tells that goes well at once: while somebody hears one of these, each shot has a course. */
export const everyShotEvents: readonly ScoreboardEvent[] = [
  'shotStarted',
  'attemptStarted',
  'attemptEnded',
  'shotCompleted',
  'shotFailed',
];

/** The other events of this package. */
export const moreEvents: readonly ScoreboardEvent[] = [
  'shotRetry',
  'shotTimeout',
  'shotParked',
  'shotReleased',
  'shotRejected',
  'budgetExhausted',
  'fallbackUsed',
  'circuitOpened',
  'circuitHalfOpened',
  'circuitClosed',
  'circuitIsolated',
];
