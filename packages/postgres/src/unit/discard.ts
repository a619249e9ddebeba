/** Discarding: what a failed attempt's verdict does to connections, and who hears of it (telemetry). */
import { type Decided, decided, type Verdict } from '@carom/core';
import type { ConnectionEvent } from '../telemetry/events.js';
import { tell } from '../telemetry/scoreboard.js';
import type { AttemptLog } from './attempt-log.js';
import type { UnitBase } from './base.js';

/** Whose connection it is. */
export interface Owner {
  readonly name: string;
  readonly base: UnitBase;
}

/** Drains the pool where the verdict says so; the attempt's own connection its adapter has thrown away. */
export function discard(
  { name: operation, base }: Owner,
  verdict: Verdict,
  log: Pick<AttemptLog, 'phase' | 'attempt' | 'connection'>,
): void | PromiseLike<void> {
  const { connection, reason: why } = verdict;
  const { phase, attempt } = log;
  if (connection === 'keep') return;
  const { datasource } = base;
  const detail = <D extends string>(decision: D): ConnectionEvent & Decided<D> => ({
    ...{ operation, datasource, attempt, phase, verdict, code: verdict.code },
    ...decided(decision, why),
  });
  // Before there was one, nothing was thrown away.
  if (phase !== 'acquire' && phase !== 'connect')
    tell('connectionDiscarded', () => detail('discard'));
  if (connection !== 'drain' || base.drain === undefined) return;
  tell('poolDrained', () => detail('drain'));
  return base.drain(log.connection);
}
