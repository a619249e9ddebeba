/** @carom/core: retry, circuit breaker, timeout, fallback, bulkhead and rate limit as one strategy, for any operation. */
export type { Circuit } from './breaker/circuit.js';
export { Cushion, type CushionSource } from './breaker/cushion.js';
export type { CircuitListener } from './breaker/listeners.js';
export type { Prober } from './breaker/prober.js';
export type { CushionOptions, CushionRules, WhenOpen } from './breaker/rules.js';
export type { CushionState } from './breaker/transitions.js';
export { Compartment, type CompartmentOptions } from './bulkhead/compartment.js';
export {
  type Clock,
  chanceOf,
  type Millis,
  type Random,
  sleep,
  systemClock,
  systemRandom,
  type Timer,
} from './clock.js';
export { callChecks, strategyChecks } from './engine/checks.js';
export { finalSequence, isFinalSince } from './engine/final.js';
export { FreeList, type Reusable } from './engine/free-list.js';
export type { FirstFailure } from './engine/game.js';
export { nativePromise } from './engine/native-promise.js';
export {
  createStrategies,
  type Strategies,
  type StrategiesSettings,
  type StrategySettings,
} from './engine/registry.js';
export type { Action, FailedShot, Shot } from './engine/shot.js';
export {
  createStrategy,
  isStrategy,
  type Strategy,
  shot,
  shotSync,
} from './engine/strategy.js';
export {
  CaromError,
  CircuitOpenError,
  CompartmentFullError,
  InvalidOptionError,
  isCaromError,
  ShotTimeoutError,
  ThrottledError,
} from './errors.js';
export { type Pocket, type PocketRules, pocket } from './fallback/pocket.js';
export type { Gate } from './gate.js';
export {
  aBoolean,
  aName,
  anyOf,
  type Check,
  type Checks,
  checkOptions,
  invalid,
  milliseconds,
} from './invalid.js';
export type { CallOptions, RetryEvent, StrategyOptions } from './options.js';
export { Parking, type Permit } from './parking.js';
export { processWide } from './process-wide.js';
export { Throttle, type ThrottleOptions } from './rate-limit/throttle.js';
export type { Jitter } from './retry/backoff.js';
export { Bounce, type ErrorClass } from './retry/bounce.js';
export { Budget, type BudgetKind, type BudgetOptions } from './retry/budget.js';
export { announce } from './telemetry/announce.js';
export { isSurrounded } from './telemetry/around.js';
export { type Decided, decided } from './telemetry/decided.js';
export { codeOf, withError } from './telemetry/error-field.js';
export type {
  AttemptAround,
  AttemptEvent,
  AttemptStarted,
  CircuitEvent,
  ErrorEvent,
  ScoreboardEvent,
  ScoreboardEvents,
  ScoreboardListener,
  ShotEvent,
} from './telemetry/events.js';
export {
  type ListenOptions,
  type Scoreboard,
  type Subscription,
  scoreboard,
  scoreboardWith,
} from './telemetry/scoreboard.js';
export { type Attempt, firstAttempt } from './timeout/attempt.js';
export type {
  ConnectionAdvice,
  FailedOutcome,
  Outcome,
  Verdict,
  VerdictKind,
} from './verdict.js';
export { type Waiter, Waiters } from './waiters.js';
