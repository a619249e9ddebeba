/** A statement of Knex is one builder as a shot: one autocommit statement, bounced (retried) by outcome. */
import type { CallOptions, Shot, Strategy } from '@carom/core';
import {
  type AttemptLog,
  type Countdown,
  completions,
  type GuardRules,
  recordOutcome,
  type Statement,
  statementShot,
  transactionShot,
  type UnitBase,
  type Vigil,
  type WaitingRoom,
} from '@carom/postgres';
import { intentOf, nameOf, refusalOf } from './intent.js';
import type { Builder, Compiled, KnexClient, Run, Runner } from './internals.js';
import { exactlyOnce, isSingleWrite } from './once.js';
import { Session } from './session.js';
import { untraced } from './untraced.js';

/** What all shots of one wrapped Knex have in common. */
export interface Table {
  readonly strategy: Strategy;
  /** Per call. */
  readonly rules: CallOptions | undefined;
  /** The real client: it has the pool. */
  readonly client: KnexClient;
  readonly base: UnitBase;
  /** How lost COMMITs are settled; undefined where they are not. */
  readonly guarding: GuardRules | undefined;
  /** How long an attempt waits for a connection, in ms; undefined leaves it to Knex. */
  readonly connectPatience: number | undefined;
  readonly vigil: Vigil | undefined;
  /** Where a connection is waited for. */
  readonly room: WaitingRoom;
  /** Where reads are taken from while the circuit is open. */
  readonly replica: KnexClient | undefined;
  /** Begins to count the time of a shot. */
  countdown(): Countdown;
  /** Whether single writes are run as transactions. */
  readonly exactlyOnce: boolean;
  /** A plain runner of Knex. */
  runner(builder: Builder): Runner;
}

/** What an attempt has sent; the shot asks for that of the last one. */
export interface Sent {
  statements: readonly Compiled[];
}

/** The shot of one builder, but for how it is played. */
export function shotOf<T>(
  { base }: Table,
  builder: Builder,
  sent: Sent,
  play: Statement<T>['play'],
): Shot<T> {
  return statementShot<T>({
    base,
    name: nameOf(builder),
    intent: () => intentOf(builder),
    refusal: () => refusalOf(sent.statements),
    play,
  });
}

/** Tells the units around it of a builder that runs on a connection of the caller's: off their handle too. */
export function announce(table: Table, builder: Builder): void {
  shotOf(table, builder, { statements: [] }, () => Promise.resolve(undefined));
}

/** A plain runner on a connection, which keeps the log true. Fresh for each attempt. */
export function attemptRunner(
  table: Table,
  builder: Builder,
  session: Session,
  log: AttemptLog,
  sent: Sent,
): Runner {
  const { connection } = session;
  const runner = table.runner(builder);
  runner.connection = connection;
  const statements: Compiled[] = [];
  sent.statements = statements;
  const query = runner.query;
  runner.query = async (compiled) => {
    statements.push(compiled);
    log.phase = 'statement';
    const before = completions(connection);
    try {
      // Only while it is called: what comes later of the statement is told of the builder itself.
      runner.builder = untraced(builder);
      const sending = query.call(runner, compiled);
      runner.builder = builder;
      return await session.track(sending);
    } catch (error) {
      const after = completions(connection);
      if (before !== undefined && after !== undefined) log.completed = after > before;
      throw error;
    }
  };
  return runner;
}

/** The answer, or what the program did wrong with it: the database had done its part. */
type Result = { readonly value: unknown } | { readonly thrown: unknown; readonly attempt: number };

/** Plays a builder to its answer. */
export async function playStatement(table: Table, builder: Builder, run: Run): Promise<unknown> {
  const sent: Sent = { statements: [] };
  let begun = false;
  const { guarding } = table;
  const once = table.exactlyOnce && guarding !== undefined && isSingleWrite(builder);
  const count = table.countdown();
  const play: Statement<Result>['play'] = async (attempt, log) => {
    const left = count();
    const session = await open(table, builder, attempt, log);
    const runner = attemptRunner(table, builder, session, log, sent);
    const first = !begun;
    begun = true;
    try {
      const send = (): Promise<unknown> =>
        first ? run(runner, undefined) : runAgain(runner, builder);
      const value = await (once ? exactlyOnce(session, log, { guarding, left }, send) : send());
      session.close('keep');
      return { value };
    } catch (error) {
      const { length } = sent.statements;
      const answered = !once && length === 1 && sent.statements[0]?.response !== undefined;
      const untouched = length === 0 || (answered && !isTimeout(error));
      session.close(untouched ? 'keep' : log.verdict(error).connection);
      if (answered) return { thrown: error, attempt: attempt.attempt };
      throw error;
    }
  };
  const shot = once
    ? transactionShot<Result>({ base: table.base, name: nameOf(builder), readOnly: false, play })
    : shotOf<Result>(table, builder, sent, play);
  const result = await table.strategy.play(shot, table.rules);
  if ('value' in result) return result.value;
  throw answeredAndDone(result.thrown, result.attempt, table.base.datasource);
}

async function open(
  table: Table,
  builder: Builder,
  attempt: Parameters<typeof Session.open>[1],
  log: AttemptLog,
): Promise<Session> {
  try {
    return await Session.open(table, attempt, log);
  } catch (error) {
    // As Knex itself does where it waits for a connection.
    if (isTimeout(error)) Object.assign(error, { sql: builder.sql, bindings: builder.bindings });
    throw error;
  }
}

/** Without a second `start` event: its listeners may add to the builder. */
function runAgain(runner: Runner, builder: Builder): Promise<unknown> {
  const compiled = builder.toSQL();
  return Array.isArray(compiled) ? runner.queryArray(compiled) : runner.query(compiled);
}

/** `postProcessResponse`, or a listener, failed over an answer that had come. */
function answeredAndDone(error: unknown, attempts: number, datasource: string): unknown {
  const reason = 'the server had answered, and what came after that failed';
  recordOutcome(error, {
    outcome: 'committed',
    verdict: { kind: 'permanent', outcome: 'unknown', connection: 'keep', reason },
    attempts,
    why: reason,
    datasource,
  });
  return error;
}

function isTimeout(error: unknown): error is Error {
  return (error as { readonly name?: unknown } | null | undefined)?.name === 'KnexTimeoutError';
}
