/** Discarding: what a failed attempt's verdict does to connections, and who hears of it (telemetry). */
import type { Verdict } from '@carom/core';
import type { ConnectionEvent } from '../telemetry/events.js';
import { tell } from '../telemetry/scoreboard.js';
import type { AttemptLog } from './attempt-log.js';

/** Whose connection it is. */
export interface Owner {
  readonly name: string;
  /** The datasource's name. */
  readonly datasource: string;
  /** Throws the connections away that are as bad as this one. */
  drain?(connection: object | undefined): void | PromiseLike<void>;
}

/** Drains the pool where the verdict says so; the attempt's own connection its adapter has thrown away. */
export function discard(
  owner: Owner,
  verdict: Verdict,
  log: Pick<AttemptLog, 'phase' | 'attempt' | 'connection'>,
): void | PromiseLike<void> {
  const { connection, reason: why } = verdict;
  const { phase, attempt } = log;
  if (connection === 'keep') return;
  const detail = (): ConnectionEvent => ({
    ...{ service: owner.datasource, shot: owner.name, attempt, phase, verdict, why },
  });
  // Before there was one, nothing was thrown away.
  if (phase !== 'acquire' && phase !== 'connect') tell('connectionDiscarded', detail);
  if (connection !== 'drain' || owner.drain === undefined) return;
  tell('poolDrained', detail);
  return owner.drain(log.connection);
}
