/** Telling: what the scoreboard (telemetry) hears of the course of a shot. Nothing is made while nobody listens. */
import type { Millis } from '../clock.js';
import type { ShotTimeoutError } from '../errors.js';
import { tell } from '../listener.js';
import { isCounted } from '../retry/decide.js';
import { announce } from '../telemetry/announce.js';
import { board } from '../telemetry/board.js';
import { decided } from '../telemetry/decided.js';
import { codeOf, withError } from '../telemetry/error-field.js';
import type { AttemptEvent, AttemptStarted, ShotEvent } from '../telemetry/events.js';
import { type Failure, shown, spentOn } from './failure.js';
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
  readonly duration: Millis | undefined;
}

/** Names a shot that somebody hears of. */
export function whoIs({ name, service }: Shot<unknown>, rules: Rules): ShotEvent {
  board.lastId += 1;
  return { id: board.lastId, operation: name, datasource: service ?? rules.circuit?.name };
}

/**
 * The attempt on its way, or the last one. What every shot tells is spelled out field by field: V8 takes a hundred
 * times as long for an object that is spread and then added to.
 */
export function attemptOf({ who, attempts: attempt }: Told): AttemptStarted {
  const { id, operation, datasource } = who;
  return { id, operation, datasource, attempt };
}

function phaseOf({ shot }: Told): string | undefined {
  try {
    return shot.phase?.();
  } catch {
    return undefined;
  }
}

/** All that is told of an attempt that failed, and more; a spread would lose the error. */
export function failedWith<M extends object>(
  told: Told,
  failure: Failure,
  more: M,
): AttemptEvent & M {
  const { error, verdict } = shown(failure);
  const phase = phaseOf(told);
  return withError({ ...attemptOf(told), phase, verdict, code: verdict.code, ...more }, error);
}

export function tellEnded(told: Told, failure?: Failure): void {
  announce('attemptEnded', () => {
    if (failure !== undefined) return failedWith(told, failure, {});
    const { id, operation, datasource } = told.who;
    const { attempts: attempt } = told;
    const phase = phaseOf(told);
    const well = undefined;
    return { id, operation, datasource, attempt, phase, verdict: well, code: well, error: well };
  });
}

export function tellCompleted(told: Told): void {
  const { attempts } = told;
  announce('shotCompleted', () => {
    const { id, operation, datasource } = told.who;
    return { id, operation, datasource, attempts, duration: told.duration };
  });
}

export function tellFailed(
  told: Told,
  error: unknown,
  { verdict, outcome, why }: FailedShot,
): void {
  announce('shotFailed', () =>
    failedWith(
      told,
      { error, verdict },
      { duration: told.duration, outcome, ...decided('stop', why) },
    ),
  );
}

/** Who is told that it is played again: the caller's own listener, too. */
export function tellRetry(told: Told, delay: Millis, bounces: number): void {
  const { rules, shot, last, attempts: attempt } = told;
  if (last === undefined) return;
  const { onRetry, budget, retries } = rules;
  if (onRetry !== undefined)
    tell(onRetry, { operation: shot.name, attempt, delay, ...shown(last) });
  const kind = spentOn(last);
  announce('shotRetry', () => {
    const isBounded = isCounted(rules, last.verdict);
    const what = isBounded ? `retry ${bounces} of ${retries}` : 'within the patience';
    return failedWith(told, last, {
      delay,
      ...decided('retry', `${what}: ${last.verdict.reason}`),
      budgetLeft: budget?.counts(kind) ? budget.available(rules.clock.now(), kind) : undefined,
    });
  });
}

export function tellTimeout(told: Told, { scope, limit, message }: ShotTimeoutError): void {
  announce('shotTimeout', () => ({
    ...attemptOf(told),
    phase: phaseOf(told),
    scope,
    limit,
    ...decided('abandon', message),
  }));
}

export function tellRejected(told: Told, error: unknown): void {
  announce('shotRejected', () => {
    const why = decided('reject', (error as Error).message);
    return withError({ ...attemptOf(told), code: codeOf(error), ...why }, error);
  });
}
