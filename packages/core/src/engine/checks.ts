/** What is allowed for each option of a strategy and of a call. */
import {
  aClock,
  aFunction,
  anAbortSignal,
  anObject,
  anyOf,
  type Check,
  type Checks,
  checkOptions,
  has,
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

const aCushion = having(['onChange', 'isolate', 'close'], 'a Cushion, its options');

const aGate = (kind: string): Check =>
  orFalse(having(['tryEnter', 'enter', 'mayWait', 'refusal', 'leave'], kind));

/** What is allowed when a strategy is made. */
export const strategyChecks: Checks = {
  ...callChecks,
  cushion: orFalse((value) =>
    has(value, 'circuit', 'rules') ? aCushion(value) : anObject(value) && 'a Cushion, its options',
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

/** The options of a strategy, checked. @throws {InvalidOptionError} */
export function checkStrategyOptions(options: StrategyOptions): StrategyOptions {
  return checkOptions(options, strategyChecks);
}

/** The options of one call, checked. @throws {InvalidOptionError} */
export function checkCallOptions(options: CallOptions): CallOptions {
  return checkOptions(options, callChecks);
}
