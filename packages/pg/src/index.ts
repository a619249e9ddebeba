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
  commitTokensSql,
  createCommitTokens,
  type ExecutionCallOptions,
  type ExecutionOptions,
  expireCommitTokens,
  explain,
  OutcomeUnknownError,
  outcomeOf,
  type Settled,
  SilentRollbackError,
  type Ticket,
} from '@carom/postgres';
export { type CaromPool, wrapPool } from './pool.js';
export { resolveOutcome } from './resolve-outcome.js';
export type { TransactionCallback, TransactionOptions } from './transaction.js';
