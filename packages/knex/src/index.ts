/** @carom/knex: an execution strategy for Knex on PostgreSQL. */
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
export { type CaromExtras, type CaromKnex, wrapKnex } from './knex.js';
