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
  afterCommit,
  type CushionReport,
  commitTokensSql,
  cushions,
  type ExecutionCallOptions,
  type ExecutionOptions,
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
export { type CaromExtras, type CaromKnex, wrapKnex } from './knex.js';
export { resolveOutcome } from './resolve-outcome.js';
export { createCommitTokens, expireCommitTokens } from './tokens.js';
