/** @carom/prisma: an execution strategy for Prisma clients on Postgres. */
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
export { caromAdapter } from './adapter.js';
export { type CaromExtension, type CaromExtras, caromStrategy } from './extension.js';
export { resolveOutcome } from './resolve-outcome.js';
export { createCommitTokens, expireCommitTokens } from './tokens.js';
