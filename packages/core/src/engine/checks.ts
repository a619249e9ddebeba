/** What is allowed for each option of a strategy and of a call. */
import {
  aClock,
  aFunction,
  anAbortSignal,
  anyOf,
  type Check,
  type Checks,
  checkOptions,
  having,
  milliseconds,
  wholeNumber,
} from '../invalid.js';
import type { CallOptions, StrategyOptions } from '../options.js';

/** The same, or `false` for none. */
export const orFalse =
  (check: Check): Check =>
  (value) => {
    const allowed = value === false ? undefined : check(value);
    return allowed && `${allowed}, or false`;
  };

/** What is allowed per call. */
export const callChecks: Checks = {
  retries: wholeNumber(0, 1_000_000),
  baseDelay: milliseconds(0, 86_400_000),
  maxDelay: milliseconds(0, 86_400_000),
  jitter: anyOf(true, false, 'decorrelated', 'full', 'none'),
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
  cushion: orFalse((value) =>
    typeof value === 'object' && value !== null ? undefined : 'a Cushion, its options',
  ),
  budget: orFalse(having(['deposit', 'wait', 'counts', 'available'], 'a Budget')),
  compartment: aGate('a Compartment'),
  throttle: aGate('a Throttle'),
  gate: aGate('a Gate'),
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
