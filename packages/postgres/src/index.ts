/** @carom/postgres: what a Postgres failure means, and what may honestly be done about it. */
export type { FailedOutcome, Outcome, Verdict, VerdictKind } from '@carom/core';
export { classify } from './classify/classify.js';
export type { FailureContext, Phase } from './classify/phase.js';
export { completions, type WatchableClient, watchClient } from './connection/completion.js';
export { drainPool, type WatchablePool, watchPool } from './connection/pool.js';
export {
  type Address,
  checkExecutionCall,
  createExecution,
  type Execution,
  type ExecutionCallOptions,
  type ExecutionOptions,
  executionDefaults,
} from './options.js';
export { OutcomeUnknownError, SilentRollbackError, type UnknownOutcome } from './outcome/errors.js';
export { type Explanation, explain, outcomeOf, recordOutcome } from './outcome/record.js';
export { isReadOnly } from './sql/intent.js';
export { commitsItself, replayRefusal } from './sql/self-committing.js';
export { transactionControl } from './sql/transaction-control.js';
export type { AttemptLog, Classify } from './unit/attempt-log.js';
export { type Intent, type Statement, statementShot } from './unit/statement.js';
export { type Transaction, transactionShot } from './unit/transaction.js';
