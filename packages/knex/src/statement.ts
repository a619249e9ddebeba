/** A statement of Knex is one builder as a shot: one autocommit statement, bounced (retried) by outcome. */
import type { Attempt } from '@carom/core';
import {
  type AttemptLog,
  completions,
  type Intent,
  type Known,
  type Statement,
  type UnitBase,
} from '@carom/postgres';
import { intentOf, nameOf, refusalOf } from './intent.js';
import type { Builder, Compiled, Run, Runner } from './internals.js';
import { Session } from './session.js';
import type { Table } from './table.js';
import { untraced } from './untraced.js';

/** Sends, with what belongs around it. */
type Around = (session: Session, send: () => Promise<unknown>) => Promise<unknown>;

const nothing: readonly Compiled[] = Object.freeze([]);

/** One builder, with the runner that Knex runs it by. */
export class BuilderStatement implements Statement<unknown> {
  readonly #table: Table;
  readonly #runner: Runner;
  readonly #run: Run;
  #begun = false;
  #last: BuilderAttempt | undefined;

  constructor(table: Table, runner: Runner, run: Run) {
    this.#table = table;
    this.#runner = runner;
    this.#run = run;
  }

  get name(): string {
    return nameOf(this.#runner.builder);
  }

  get base(): UnitBase {
    return this.#table.base;
  }

  intent(): Intent {
    return intentOf(this.#runner.builder);
  }

  refusal(): string | undefined {
    return refusalOf(this.#last?.sent ?? nothing);
  }

  known(error: unknown): Known | undefined {
    return this.#last?.isOver(error) ? answered : undefined;
  }

  /** @param around sends other statements before it and after it: what of it was answered is not all then. */
  play(attempt: Attempt, log: AttemptLog, around?: Around): Promise<unknown> {
    const mine = new BuilderAttempt(this, log, around);
    this.#last = mine;
    return Session.take(this.#table, attempt, log, mine);
  }

  get builder(): Builder {
    return this.#runner.builder;
  }

  /** Knex's own runner on the attempt's connection: the first time the one that the builder got, with its `start` event. */
  send(attempt: BuilderAttempt, session: Session): Promise<unknown> {
    if (this.#begun) {
      return runAgain(attempt.attach(this.#table.runner(this.builder), session), this.builder);
    }
    this.#begun = true;
    return this.#run(attempt.attach(this.#runner, session), undefined);
  }
}

/** `postProcessResponse`, or a listener, failed over an answer that had come. */
const answered: Known = {
  outcome: 'committed',
  reason: 'the server had answered, and what came after that failed',
};

/** One attempt at it: what it has sent, on which connection. */
class BuilderAttempt {
  sent: readonly Compiled[] = nothing;
  readonly #statement: BuilderStatement;
  readonly #log: AttemptLog;
  readonly #around: Around | undefined;
  /** CommandCompletes that the connection had seen before. */
  #before: number | undefined = undefined;
  /** What the program did wrong with an answer. */
  #late: { readonly error: unknown } | undefined = undefined;

  constructor(statement: BuilderStatement, log: AttemptLog, around: Around | undefined) {
    this.#statement = statement;
    this.#log = log;
    this.#around = around;
  }

  taken(session: Session): Promise<unknown> {
    let sent: Promise<unknown>;
    try {
      sent = this.#send(session);
    } catch (error) {
      // What cannot be compiled is thrown at once.
      return this.#failed(error, session);
    }
    return sent.then(
      (value) => {
        session.close('keep');
        return value;
      },
      (error: unknown) => this.#failed(error, session),
    );
  }

  #send(session: Session): Promise<unknown> {
    const around = this.#around;
    if (around === undefined) return this.#statement.send(this, session);
    return this.#sendAmong(around, session);
  }

  // Apart, since what its closure remembers is allocated where it is called.
  #sendAmong(around: Around, session: Session): Promise<unknown> {
    return around(session, () => this.#statement.send(this, session));
  }

  refused(error: unknown): Promise<never> {
    const { sql, bindings } = this.#statement.builder;
    // As Knex itself does where it waits for a connection.
    if (isTimeout(error)) Object.assign(error, { sql, bindings });
    throw error;
  }

  /** Has the runner send on the connection, and notes what it sends. */
  attach(runner: Runner, session: Session): Runner {
    const { query } = runner;
    runner.connection = session.connection;
    runner.query = (compiled) => {
      this.#sends(compiled, session);
      const { builder } = runner;
      // Only while it is called: what comes later of the statement is told of the builder itself.
      runner.builder = untraced(builder);
      const sending = query.call(runner, compiled);
      runner.builder = builder;
      return sending;
    };
    return runner;
  }

  /** Whether `error` came after the answer. */
  isOver(error: unknown): boolean {
    return this.#late !== undefined && this.#late.error === error;
  }

  #sends(compiled: Compiled, session: Session): void {
    this.sent = this.sent === nothing ? [compiled] : [...this.sent, compiled];
    this.#log.phase = 'statement';
    this.#before = completions(session.connection);
    if (!session.busy) session.sends();
  }

  #failed(error: unknown, session: Session): never {
    const { length } = this.sent;
    const after = completions(session.connection);
    if (this.#before !== undefined && after !== undefined) {
      this.#log.completed = after > this.#before;
    }
    const isAnswered =
      this.#around === undefined && length === 1 && this.sent[0]?.response !== undefined;
    if (isAnswered) this.#late = { error };
    const untouched = length === 0 || (isAnswered && !isTimeout(error));
    session.close(untouched ? 'keep' : this.#log.adviceOn(error));
    throw error;
  }
}

function isTimeout(error: unknown): error is Error {
  return (error as { readonly name?: unknown } | null | undefined)?.name === 'KnexTimeoutError';
}

/** Without a second `start` event: its listeners may add to the builder. */
function runAgain(runner: Runner, builder: Builder): Promise<unknown> {
  const compiled = builder.toSQL();
  return Array.isArray(compiled) ? runner.queryArray(compiled) : runner.query(compiled);
}
