/** @carom/postgres: what a Postgres failure means, and what may honestly be done about it. */
export type { FailedOutcome, Outcome, Verdict, VerdictKind } from '@carom/core';
export { classify } from './classify/classify.js';
export {
  type CodeSource,
  type KnownCode,
  knownCodes,
  type SampleError,
  sampleError,
} from './classify/known-codes.js';
export type { FailureContext, Phase } from './classify/phase.js';
export { askLater } from './commit/ask-later.js';
export { CommitGuard, type CommitLevel, type GuardRules } from './commit/guard.js';
export type { Incarnation } from './commit/incarnation.js';
export type { Connect, OwnClient } from './commit/line.js';
export type { Origin } from './commit/origin.js';
export { Resolver } from './commit/resolver.js';
export { recordSettlement, type Settlement, settlementOf } from './commit/settlement.js';
export { type FenceTicket, readTicket, type Ticket, type XidTicket } from './commit/ticket.js';
export {
  commitTokensSql,
  createCommitTokens,
  expireCommitTokens,
  type Queries,
} from './commit/tokens.js';
export { type Acquiring, acquire, type Boundable, boundPool } from './connection/acquire.js';
export { connectLike } from './connection/beside.js';
export { completions, type WatchableClient, watchClient } from './connection/completion.js';
export { type Generations, generationsOf } from './connection/generation.js';
export { isCursorStream, type MendableClient, mendStream } from './connection/mend.js';
export type { Places } from './connection/places.js';
export {
  drainPool,
  isPoolBusy,
  keepVigil,
  placesOf,
  tellRoom,
  type WatchablePool,
  watchPool,
} from './connection/pool.js';
export { Vigil } from './connection/vigil.js';
export { WaitingRoom } from './connection/waiting-room.js';
export { type Address, createExecution, type Execution, guardRules } from './execution.js';
export {
  checkExecution,
  checkExecutionCall,
  type ExecutionCallOptions,
  type ExecutionOptions,
  executionDefaults,
} from './options.js';
export {
  type CushionReport,
  cushions,
  type Health,
  type HealthStatus,
  health,
} from './outage/health.js';
export type { Membership } from './outage/membership.js';
export type { Target } from './outage/question.js';
export {
  OutcomeUnknownError,
  type Settled,
  SilentRollbackError,
  type UnknownOutcome,
} from './outcome/errors.js';
export { type Explanation, explain, outcomeOf, recordOutcome } from './outcome/record.js';
export { isReadOnly } from './sql/intent.js';
export { commitsItself, replayRefusal } from './sql/self-committing.js';
export { transactionControl } from './sql/transaction-control.js';
export type { ConnectionEvent, DatabaseEvents, DatasourceEvent } from './telemetry/events.js';
export type { LogLevel } from './telemetry/log-levels.js';
export { type Logger, type LogOptions, logTo, type Sample } from './telemetry/log-to.js';
export { type Events, scoreboard } from './telemetry/scoreboard.js';
export { afterCommit } from './unit/after-commit.js';
export { AttemptLog, type Classify } from './unit/attempt-log.js';
export type { UnitBase } from './unit/base.js';
export { concludeByHand } from './unit/by-hand.js';
export { type Held, makeCancellable } from './unit/cancel.js';
export type { AfterCommit } from './unit/commit-hooks.js';
export { type Countdown, countdown, withDeadline } from './unit/deadline.js';
export { readyToCommit } from './unit/ready-to-commit.js';
export { type Hearer, relay } from './unit/relay.js';
export { taintScopes } from './unit/scope.js';
export { orStale } from './unit/stale-read.js';
export {
  hookedStatementShot,
  type Intent,
  type Known,
  type Statement,
  statementShot,
  verdictOf,
} from './unit/statement.js';
export { type Surrounding, surrounding } from './unit/surroundings.js';
export { traced } from './unit/traced.js';
export { type Transaction, transactionShot } from './unit/transaction.js';
