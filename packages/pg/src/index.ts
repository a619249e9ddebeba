/** @carom/pg: an execution strategy for `pg` pools. */
export {
  CaromError,
  CircuitOpenError,
  Cushion,
  createStrategy,
  isCaromError,
  ShotTimeoutError,
} from '@carom/core';
export {
  afterCommit,
  type CushionReport,
  commitTokensSql,
  createCommitTokens,
  cushions,
  type ExecutionCallOptions,
  type ExecutionOptions,
  expireCommitTokens,
  explain,
  type Health,
  health,
  logTo,
  OutcomeUnknownError,
  outcomeOf,
  type Settled,
  SilentRollbackError,
  scoreboard,
  type Ticket,
} from '@carom/postgres';
export { type CaromPool, wrapPool } from './pool.js';
export { resolveOutcome } from './resolve-outcome.js';
export type { TransactionCallback, TransactionOptions } from './transaction.js';
