/** Telling: what the scoreboard (telemetry) hears of the course of a shot. Nothing is made while nobody listens. */
import type { Millis } from '../clock.js';
import type { ShotTimeoutError } from '../errors.js';
import { tell } from '../listener.js';
import { announce } from '../telemetry/announce.js';
import { board } from '../telemetry/board.js';
import { codeOf, withError } from '../telemetry/error-field.js';
import type { AttemptStarted, ShotEvent } from '../telemetry/events.js';
import type { Verdict } from '../verdict.js';
import { type Failure, shown } from './failure.js';
import type { Rules } from './rules.js';
import type { FailedShot, Shot } from './shot.js';

/** What is known of the shot. */
export interface Told {
  readonly rules: Rules;
  readonly shot: Shot<unknown>;
  readonly who: ShotEvent;
  readonly attempts: number;
  readonly last: Failure | undefined;
  /** Since it began. */
  readonly duration: Millis;
}

/** Names a shot that somebody hears of. */
export function whoIs({ name, service }: Shot<unknown>, rules: Rules): ShotEvent {
  board.lastId += 1;
  return { id: board.lastId, shot: name, service: service ?? rules.circuit?.name };
}

/** The attempt on its way, or the last one. */
export function attemptOf({ who: { id, shot, service }, attempts: attempt }: Told): AttemptStarted {
  return { id, shot, service, attempt };
}

function phaseOf({ shot }: Told): string | undefined {
  try {
    return shot.phase?.();
  } catch {
    return undefined;
  }
}

/** All that is told of an attempt that failed. */
export function failedAttempt(
  told: Told,
  failure: Failure,
): AttemptStarted & { phase: string | undefined; verdict: Verdict; readonly error: unknown } {
  const { error, verdict } = shown(failure);
  return withError({ ...attemptOf(told), phase: phaseOf(told), verdict }, error);
}

/** Adds to what is told of a failed attempt; a spread would lose the error. */
function failedWith<M extends object>(
  told: Told,
  failure: Failure,
  more: M,
): ReturnType<typeof failedAttempt> & M {
  return Object.assign(failedAttempt(told, failure), more);
}

export function tellEnded(told: Told, failure?: Failure): void {
  announce('attemptEnded', () => {
    if (failure !== undefined) return failedAttempt(told, failure);
    const { id, shot, service } = told.who;
    const well = { phase: phaseOf(told), verdict: undefined, error: undefined };
    return { id, shot, service, attempt: told.attempts, ...well };
  });
}

export function tellCompleted(told: Told): void {
  const { attempts } = told;
  announce('shotCompleted', () => {
    const { id, shot, service } = told.who;
    return { id, shot, service, attempts, duration: told.duration };
  });
}

export function tellFailed(
  told: Told,
  error: unknown,
  { verdict, outcome, why }: FailedShot,
): void {
  announce('shotFailed', () =>
    failedWith(told, { error, verdict }, { duration: told.duration, outcome, why }),
  );
}

/** Who is told that it is played again: the caller's own listener, too. */
export function tellRetry(told: Told, delay: Millis, bounces: number): void {
  const { rules, shot, last, attempts: attempt } = told;
  if (last === undefined) return;
  const { onRetry, budget, retries } = rules;
  if (onRetry !== undefined) tell(onRetry, { name: shot.name, attempt, delay, ...shown(last) });
  const kind = last.verdict.kind === 'contention' ? 'contention' : 'outage';
  announce('shotRetry', () =>
    failedWith(told, last, {
      delay,
      why:
        kind === 'contention'
          ? `contention is played again within the patience: ${last.verdict.reason}`
          : `retry ${bounces} of ${retries}: ${last.verdict.reason}`,
      budgetLeft: budget?.available(rules.clock.now(), kind),
    }),
  );
}

export function tellTimeout(told: Told, { scope, limit }: ShotTimeoutError): void {
  announce('shotTimeout', () => ({ ...attemptOf(told), phase: phaseOf(told), scope, limit }));
}

export function tellRejected(told: Told, error: unknown): void {
  announce('shotRejected', () => withError({ ...attemptOf(told), code: codeOf(error) }, error));
}
