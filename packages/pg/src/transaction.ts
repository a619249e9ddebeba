/** A transaction on a `pg` pool: BEGIN, the callback, COMMIT, played again as a whole (the unit of retry). */
import { type Attempt, aBoolean, anyOf, type Checks, checkOptions } from '@carom/core';
import {
  type AttemptLog,
  CommitGuard,
  type Countdown,
  countdown,
  type GuardRules,
  readyToCommit,
  SilentRollbackError,
  transactionShot,
  withDeadline,
} from '@carom/postgres';
import type { PoolClient, QueryResult } from 'pg';
import type { Binding } from './binding.js';
import { openHandle } from './handle.js';
import { Session, type Source } from './session.js';

/** How a transaction begins; PostgreSQL's own defaults. */
export interface TransactionOptions {
  readonly isolationLevel?:
    | 'read uncommitted'
    | 'read committed'
    | 'repeatable read'
    | 'serializable'
    | undefined;
  readonly readOnly?: boolean | undefined;
  /** Only of use with `serializable` and `readOnly`: waits for a snapshot that needs no conflicts. */
  readonly deferrable?: boolean | undefined;
}

/** What a transaction does; called once per attempt, each time with a fresh client. */
export type TransactionCallback<T> = (client: PoolClient) => T | PromiseLike<T>;

const checks: Checks = {
  isolationLevel: anyOf('read uncommitted', 'read committed', 'repeatable read', 'serializable'),
  readOnly: aBoolean,
  deferrable: aBoolean,
};

/** The statement that begins it. @throws {InvalidOptionError} */
function beginStatement(options: TransactionOptions): string {
  checkOptions(options, checks);
  const { isolationLevel, readOnly, deferrable } = options;
  const modes: string[] = [];
  if (isolationLevel !== undefined) modes.push(`ISOLATION LEVEL ${isolationLevel.toUpperCase()}`);
  if (readOnly !== undefined) modes.push(readOnly ? 'READ ONLY' : 'READ WRITE');
  if (deferrable !== undefined) modes.push(deferrable ? 'DEFERRABLE' : 'NOT DEFERRABLE');
  return modes.length === 0 ? 'BEGIN' : `BEGIN ${modes.join(', ')}`;
}

type Transact = <T>(callback: TransactionCallback<T>, options?: TransactionOptions) => Promise<T>;

/** `pool.transaction`. */
export function transactionOn(source: Binding): Transact {
  const { base, execution, rules, guarding } = source;
  return <T>(callback: TransactionCallback<T>, options: TransactionOptions = {}): Promise<T> => {
    const begin = beginStatement(options);
    const readOnly = options.readOnly === true;
    const guard = readOnly ? undefined : guarding;
    const count = countdown(execution, rules);
    const shot = transactionShot<T>({
      base,
      name: 'transaction',
      readOnly,
      callback,
      play: (attempt, log, inside) =>
        playTransaction({ source, begin, guard, callback, count }, attempt, log, inside),
    });
    return execution.strategy.play(shot, rules);
  };
}

/** What one attempt plays. */
export interface Play<T> {
  readonly source: Source;
  readonly begin: string;
  /** How a lost COMMIT is settled; undefined where there is nothing to settle. */
  readonly guard: GuardRules | undefined;
  readonly callback: TransactionCallback<T>;
  readonly count: Countdown;
}

/** Plays one attempt on a fresh client. */
export async function playTransaction<T>(
  { source, begin, guard: guarding, callback, count }: Play<T>,
  attempt: Attempt,
  log: AttemptLog,
  inside: <R>(callback: () => R) => R,
): Promise<T> {
  const left = count();
  const session = await Session.open(source, attempt, log);
  const { client: real } = session;
  const guard =
    guarding === undefined
      ? undefined
      : new CommitGuard(guarding, real, real.query, () => log.readOnly);
  log.guard = guard;
  const { client, poison } = openHandle(session, log);
  const query = (text: string): Promise<QueryResult> => session.send(() => real.query(text));
  try {
    log.phase = 'begin';
    const text = await withDeadline(begin, left, log, real);
    await (guard === undefined ? query(text) : guard.begin(text, query));
    log.phase = 'statement';
    let value: T;
    try {
      value = await inside(() => callback(client));
    } finally {
      // Before COMMIT or ROLLBACK is sent: what comes behind either would be a statement by itself.
      poison();
    }
    await readyToCommit(guard, log);
    log.phase = 'commit';
    const commit = (): Promise<QueryResult> => query('COMMIT');
    const { command } = await (guard === undefined ? commit() : guard.commit(commit));
    if (command === 'ROLLBACK') throw new SilentRollbackError(log.firstSeen);
    session.close(guard?.lost === true ? 'discard' : 'keep');
    return value;
  } catch (error) {
    await undo(session, log, error);
    throw error;
  }
}

/** Ends the transaction on the server and keeps only a connection on which that is certain. */
async function undo(session: Session, log: AttemptLog, error: unknown): Promise<void> {
  const mine = log.phase !== 'statement' || log.saw(error);
  const advice = mine ? log.adviceOn(error) : 'keep';
  if (error instanceof SilentRollbackError) return session.close('keep');
  if (advice !== 'keep' || log.abandoned || log.holdsSessionLock) return session.close('discard');
  try {
    // Through the guard: what rides behind the last statement may not be overtaken.
    const guarded = log.guard?.send('ROLLBACK', ['ROLLBACK']) as Promise<unknown> | undefined;
    await (guarded ?? session.client.query('ROLLBACK'));
    session.close('keep');
  } catch {
    session.close('discard');
  }
}
