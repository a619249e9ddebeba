/** What is allowed for each option of a strategy and of a call. */
import {
  aClock,
  aFunction,
  anAbortSignal,
  type Check,
  type Checks,
  checkOptions,
  having,
  milliseconds,
  wholeNumber,
} from '../invalid.js';
import type { CallOptions, StrategyOptions } from '../options.js';

const jitters: readonly unknown[] = [true, false, 'decorrelated', 'full', 'none'];

const orFalse =
  (check: Check): Check =>
  (value) =>
    value === false ? undefined : check(value);

/** What is allowed per call. */
export const callChecks: Checks = {
  retries: wholeNumber(0, 1_000_000),
  baseDelay: milliseconds(0, 86_400_000),
  maxDelay: milliseconds(0, 86_400_000),
  jitter: (value) =>
    jitters.includes(value) ? undefined : 'true, false, "decorrelated", "full", "none"',
  shouldBounce: aFunction,
  whenResult: aFunction,
  retryAfter: aFunction,
  patience: milliseconds(0),
  timeout: milliseconds(1),
  attemptTimeout: milliseconds(1),
  signal: anAbortSignal,
  onRetry: aFunction,
};

const aGate = (kind: string): Check =>
  orFalse(having(['tryEnter', 'enter', 'mayWait', 'refusal', 'leave'], kind));

/** What is allowed when a strategy is made. */
export const strategyChecks: Checks = {
  ...callChecks,
  cushion: (value) =>
    value === false || (typeof value === 'object' && value !== null)
      ? undefined
      : 'a Cushion, its options, or false',
  budget: orFalse(having(['deposit', 'spend'], 'a Budget, or false')),
  compartment: aGate('a Compartment, or false'),
  throttle: aGate('a Throttle, or false'),
  gate: aGate('a Gate, or false'),
  waiters: having(['join', 'sendAway'], 'Waiters'),
  classify: aFunction,
  clock: aClock,
  random: aFunction,
};

/** Checks the options of a strategy. @throws {InvalidOptionError} */
export function checkStrategyOptions(options: StrategyOptions): void {
  checkOptions(options, strategyChecks);
}

/** Checks the options of one call. @throws {InvalidOptionError} */
export function checkCallOptions(options: CallOptions): void {
  checkOptions(options, callChecks);
}
