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
  type ExecutionCallOptions,
  type ExecutionOptions,
  explain,
  OutcomeUnknownError,
  outcomeOf,
  SilentRollbackError,
} from '@carom/postgres';
export { type CaromPool, wrapPool } from './pool.js';
export type { TransactionCallback, TransactionOptions } from './transaction.js';
