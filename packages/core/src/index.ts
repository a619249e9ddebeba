/** @carom/core: retry, circuit breaker and timeout as one strategy, for any operation. */
export type { Circuit, CircuitListener, CushionState } from './breaker/circuit.js';
export { Cushion, type CushionSource } from './breaker/cushion.js';
export type { Permit } from './breaker/parking.js';
export type { CushionOptions, CushionRules, WhenOpen } from './breaker/rules.js';
export type { Clock, Millis, Random } from './clock.js';
export { finalSequence, isFinalSince } from './engine/final.js';
export { callChecks, strategyChecks } from './engine/rules.js';
export type { FailedShot, Shot } from './engine/shot.js';
export { type Action, createStrategy, isStrategy, type Strategy, shot } from './engine/strategy.js';
export {
  CaromError,
  CircuitOpenError,
  InvalidOptionError,
  isCaromError,
  ShotTimeoutError,
} from './errors.js';
export {
  aBoolean,
  aName,
  anyOf,
  type Check,
  type Checks,
  checkOptions,
  invalid,
} from './invalid.js';
export type { CallOptions, RetryEvent, StrategyOptions } from './options.js';
export { processWide } from './process-wide.js';
export type { Jitter } from './retry/backoff.js';
export { Bounce } from './retry/bounce.js';
export type { Attempt } from './timeout/shot-clock.js';
export type {
  ConnectionAdvice,
  FailedOutcome,
  Outcome,
  Verdict,
  VerdictKind,
} from './verdict.js';
