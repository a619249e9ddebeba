/** The steps of a transaction that Knex sends itself, as the COMMIT guard takes them: in the form in which Knex asks. */
import { type AttemptLog, type CommitGuard, readyToCommit, withDeadline } from '@carom/postgres';
import type { Connection } from './internals.js';

/** The statements that Knex sends for the transaction itself. */
export type Own = 'begin' | 'commit' | 'rollback';

type Callback = (error: unknown, result?: unknown) => void;

/** Sends what goes over one connection, through the guard. */
export class GuardedSteps {
  readonly #guard: CommitGuard;
  readonly #connection: Connection;
  readonly #query: Connection['query'];
  readonly #log: AttemptLog;
  readonly #left: (() => number) | undefined;

  constructor(
    guard: CommitGuard,
    connection: Connection,
    query: Connection['query'],
    log: AttemptLog,
    left: (() => number) | undefined,
  ) {
    this.#left = left;
    this.#guard = guard;
    this.#connection = connection;
    this.#query = query;
    this.#log = log;
  }

  /** Sends one statement, and returns what the connection returns. */
  send(own: Own | undefined, sql: string | undefined, args: unknown[]): unknown {
    // A ROLLBACK as well: what rides behind the last statement may not be overtaken.
    if (own === undefined || own === 'rollback' || sql === undefined) {
      return this.#guard.send(sql, args);
    }
    const callback = args.at(-1);
    const ask = (text: string): Promise<unknown> => this.#ask(text);
    const answer = own === 'begin' ? this.#begin(sql, ask) : this.#commit(sql, ask);
    if (typeof callback !== 'function') return answer;
    answer.then((result) => callback(undefined, result), callback as Callback);
    return undefined;
  }

  async #begin(sql: string, ask: (text: string) => Promise<unknown>): Promise<unknown> {
    const text = await withDeadline(sql, this.#left, this.#log, this.#connection, this.#query);
    return await this.#guard.begin(text, ask);
  }

  async #commit(sql: string, ask: (text: string) => Promise<unknown>): Promise<unknown> {
    await readyToCommit(this.#guard, this.#log);
    this.#log.phase = 'commit';
    return await this.#guard.commit(() => ask(sql));
  }

  #ask(text: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#query.call(this.#connection, text, (error: unknown, result: unknown) => {
        if (error) reject(error as Error);
        else resolve(result);
      });
    });
  }
}
