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
  type ExecutionCallOptions,
  type ExecutionOptions,
  explain,
  OutcomeUnknownError,
  outcomeOf,
  SilentRollbackError,
} from '@carom/postgres';
export { type CaromExtension, type CaromExtras, caromStrategy } from './extension.js';
