/** A query's attempt: a connection is taken, the statements of one builder sent, the connection put back. */
import { type AttemptLog, completions, type Hearer, relay } from '@carom/postgres';
import type { Builder, Compiled, Runner } from './internals.js';
import type { Session } from './session.js';
import { untraced } from './untraced.js';

/** Sends, with what belongs around it. */
export type Around = (session: Session, send: () => Promise<unknown>) => Promise<unknown>;

/** What is sent. */
interface Sendable {
  readonly builder: Builder;
  /** Has a runner that it attaches the attempt to send it. */
  send(attempt: QueryAttempt, session: Session): Promise<unknown>;
}

const nothing: readonly Compiled[] = Object.freeze([]);

const attached: unique symbol = Symbol('carom.attempt');

/** A runner that sends for an attempt. */
type Attached = Runner & { [attached]?: QueryAttempt };

/** One for all runners: Knex calls it as a method. */
function query(this: Attached, compiled: Compiled): Promise<unknown> {
  return (this[attached] as QueryAttempt).query(this, compiled);
}

/** One attempt: what it has sent, on which connection. */
export class QueryAttempt implements Hearer<unknown, unknown> {
  readonly #statement: Sendable;
  readonly #log: AttemptLog;
  readonly #around: Around | undefined;
  #session: Session | undefined = undefined;
  /** Of the runner. */
  #query: Runner['query'] | undefined = undefined;
  #last: Compiled | undefined = undefined;
  #earlier: readonly Compiled[] = nothing;
  /** CommandCompletes that the connection had seen before. */
  #before: number | undefined = undefined;
  /** What the program did wrong with an answer. */
  #late: { readonly error: unknown } | undefined = undefined;

  constructor(statement: Sendable, log: AttemptLog, around: Around | undefined) {
    this.#statement = statement;
    this.#log = log;
    this.#around = around;
  }

  get sent(): readonly Compiled[] {
    return this.#last === undefined ? nothing : [...this.#earlier, this.#last];
  }

  taken(session: Session): Promise<unknown> {
    this.#session = session;
    let sent: Promise<unknown>;
    try {
      sent = this.#send(session);
    } catch (error) {
      // What cannot be compiled is thrown at once.
      return this.rejected(error);
    }
    return relay(sent, this);
  }

  fulfilled(value: unknown): unknown {
    this.#session?.close('keep');
    return value;
  }

  rejected(error: unknown): never {
    const { sent } = this;
    const { length } = sent;
    const session = this.#session as Session;
    const after = completions(session.connection);
    if (this.#before !== undefined && after !== undefined) {
      this.#log.completed = after > this.#before;
    }
    const isAnswered =
      this.#around === undefined && length === 1 && sent[0]?.response !== undefined;
    if (isAnswered) this.#late = { error };
    const untouched = length === 0 || (isAnswered && !isTimeout(error));
    session.close(untouched ? 'keep' : this.#log.adviceOn(error));
    throw error;
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
  attach(runner: Attached, session: Session): Runner {
    this.#query = runner.query;
    runner.connection = session.connection;
    runner.query = query;
    runner[attached] = this;
    return runner;
  }

  /** Sends a statement by the runner's own `query`. */
  query(runner: Runner, compiled: Compiled): Promise<unknown> {
    this.#sends(compiled);
    const { builder } = runner;
    // Only while it is called: what comes later of the statement is told of the builder itself.
    runner.builder = untraced(builder);
    const sending = (this.#query as Runner['query']).call(runner, compiled);
    runner.builder = builder;
    return sending;
  }

  /** Whether `error` came after the answer. */
  isOver(error: unknown): boolean {
    return this.#late !== undefined && this.#late.error === error;
  }

  #sends(compiled: Compiled): void {
    if (this.#last !== undefined) this.#earlier = [...this.#earlier, this.#last];
    this.#last = compiled;
    this.#log.phase = 'statement';
    const session = this.#session as Session;
    this.#before = completions(session.connection);
    if (!session.busy) session.sends();
  }
}

function isTimeout(error: unknown): error is Error {
  return (error as { readonly name?: unknown } | null | undefined)?.name === 'KnexTimeoutError';
}
