/** A statement of Knex is one builder as a shot: one autocommit statement, bounced (retried) by outcome. */
import type { Attempt } from '@carom/core';
import type { AttemptLog, Intent, Known, Statement, UnitBase } from '@carom/postgres';
import { intentOf, nameOf, refusalOf } from './intent.js';
import type { Builder, Run, Runner } from './internals.js';
import { type Around, QueryAttempt } from './query-attempt.js';
import { Session } from './session.js';
import type { Table } from './table.js';

/** One builder, with the runner that Knex runs it by. */
export class BuilderStatement implements Statement<unknown> {
  readonly #table: Table;
  readonly #runner: Runner;
  readonly #run: Run;
  #begun = false;
  #last: QueryAttempt | undefined;

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
    return refusalOf(this.#last?.sent ?? []);
  }

  known(error: unknown): Known | undefined {
    return this.#last?.isOver(error) ? answered : undefined;
  }

  /** @param around sends other statements before it and after it: what of it was answered is not all then. */
  play(attempt: Attempt, log: AttemptLog, around?: Around): Promise<unknown> {
    const mine = new QueryAttempt(this, log, around);
    this.#last = mine;
    return Session.take(this.#table, attempt, log, mine);
  }

  get builder(): Builder {
    return this.#runner.builder;
  }

  /** Knex's own runner on the attempt's connection: the first time the one that the builder got, with its `start` event. */
  send(attempt: QueryAttempt, session: Session): Promise<unknown> {
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

/** Without a second `start` event: its listeners may add to the builder. */
function runAgain(runner: Runner, builder: Builder): Promise<unknown> {
  const compiled = builder.toSQL();
  return Array.isArray(compiled) ? runner.queryArray(compiled) : runner.query(compiled);
}
