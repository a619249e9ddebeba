/** The scoreboard (telemetry) of `@carom/core`, with the events of a database. */
import { announce, type Scoreboard, type ScoreboardEvents, scoreboardWith } from '@carom/core';
import { type DatabaseEvents, databaseEvents } from './events.js';

/** All that can be heard of shots at a database. */
export type Events = ScoreboardEvents & DatabaseEvents;

/** The same scoreboard: what listens here and what listens at the core's stand side by side. */
export const scoreboard: Scoreboard<Events> = scoreboardWith<DatabaseEvents>(databaseEvents);

/** Tells of what became of a write, or of a connection. */
export function tell<E extends keyof DatabaseEvents>(
  event: E,
  detail: () => DatabaseEvents[E],
): void {
  announce<DatabaseEvents, E>(event, detail);
}
