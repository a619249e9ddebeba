/** Exactly once: a single write in a transaction of its own, since only a transaction can be asked about. */
import type { Shot } from '@carom/core';
import {
  type AttemptLog,
  CommitGuard,
  type GuardRules,
  readyToCommit,
  replayRefusal,
  SilentRollbackError,
  transactionShot,
  withDeadline,
} from '@carom/postgres';
import { intentOf } from './intent.js';
import type { Builder } from './internals.js';
import type { Session } from './session.js';
import type { BuilderStatement } from './statement.js';
import type { Table } from './table.js';
import { tap } from './tap.js';

/** Whether the builder is one write that leaves its transaction alone. */
export function isSingleWrite(builder: Builder): boolean {
  if (builder._sequence !== undefined || intentOf(builder) === 'read') return false;
  try {
    const compiled = builder.toSQL();
    const [only, ...more] = Array.isArray(compiled) ? compiled : [compiled];
    if (only === undefined || more.length > 0) return false;
    return replayRefusal(builder.client.positionBindings(only.sql)) === undefined;
  } catch {
    // It cannot be sent either, and the caller hears of that when it is.
    return false;
  }
}

/** The shot of a single write. */
export function onceShot(
  table: Table,
  statement: BuilderStatement,
  guarding: GuardRules,
): Shot<unknown> {
  const { base } = table;
  const count = table.countdown();
  return transactionShot<unknown>({
    base,
    name: statement.name,
    readOnly: false,
    play: (attempt, log) => {
      const left = count();
      return statement.play(attempt, log, (session, send) =>
        exactlyOnce(session, log, { guarding, left }, send),
      );
    },
  });
}

/** How it is run. */
interface Once {
  readonly guarding: GuardRules;
  /** What is left of the attempt's time, in ms. */
  readonly left: (() => number) | undefined;
}

/** Runs `work`, which sends the statement, between BEGIN and COMMIT. */
async function exactlyOnce<T>(
  session: Session,
  log: AttemptLog,
  { guarding: rules, left }: Once,
  work: () => Promise<T>,
): Promise<T> {
  const { connection } = session;
  const { query } = connection;
  const guard = new CommitGuard(rules, connection, query, () => false);
  log.guard = guard;
  const send = (text: string): Promise<{ readonly command?: string }> =>
    session.track(query.call(connection, text) as Promise<{ readonly command?: string }>);
  log.phase = 'begin';
  await guard.begin(await withDeadline('BEGIN', left, log, connection), send);
  log.phase = 'statement';
  try {
    const value = await tapped(session, log, guard, work);
    await readyToCommit(guard, log);
    log.phase = 'commit';
    const { command } = await guard.commit(() => send('COMMIT'));
    if (command === 'ROLLBACK') throw new SilentRollbackError(log.firstSeen);
    return value;
  } catch (error) {
    if (log.phase === 'statement' && !log.abandoned && log.verdict(error).connection === 'keep') {
      await session.track(guard.send('ROLLBACK', ['ROLLBACK']) as Promise<unknown>).catch(() => {});
    }
    throw error;
  }
}

async function tapped<T>(
  { connection }: Session,
  log: AttemptLog,
  guard: CommitGuard,
  work: () => Promise<T>,
): Promise<T> {
  const untap = tap(
    connection,
    (sql) => {
      log.send(sql);
      return (error) => {
        if (error !== undefined) log.note(error);
      };
    },
    (sql, args) => guard.send(sql, args),
  );
  try {
    return await work();
  } finally {
    untap();
  }
}
