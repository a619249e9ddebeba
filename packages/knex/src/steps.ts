/** The steps of a transaction that Knex sends itself: with its deadline, and as the COMMIT guard takes them. */
import { type AttemptLog, type CommitGuard, readyToCommit, withDeadline } from '@carom/postgres';
import type { Connection } from './internals.js';

/** The statements that Knex sends for the transaction itself. */
export type Own = 'begin' | 'commit' | 'rollback';

type Callback = (error: unknown, result?: unknown) => void;

/** Sends what goes over one connection; through the guard, where there is one. */
export class Steps {
  readonly #guard: CommitGuard | undefined;
  readonly #connection: Connection;
  readonly #query: Connection['query'];
  readonly #log: AttemptLog;
  readonly #left: (() => number) | undefined;

  constructor(
    guard: CommitGuard | undefined,
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
    const guard = this.#guard;
    const isStep = own === 'begin' || (own === 'commit' && guard !== undefined);
    if (!isStep || sql === undefined) {
      // A ROLLBACK through the guard as well: what rides behind the last statement may not be overtaken.
      return guard ? guard.send(sql, args) : this.#query.apply(this.#connection, args);
    }
    const callback = args.at(-1);
    const answer =
      own === 'begin' || guard === undefined ? this.#begin(sql) : this.#commit(sql, guard);
    if (typeof callback !== 'function') return answer;
    answer.then((result) => callback(undefined, result), callback as Callback);
    return undefined;
  }

  async #begin(sql: string): Promise<unknown> {
    const text = await withDeadline(sql, this.#left, this.#log, this.#connection, this.#query);
    const ask = (it: string): Promise<unknown> => this.#ask(it);
    return await (this.#guard?.begin(text, ask) ?? ask(text));
  }

  async #commit(sql: string, guard: CommitGuard): Promise<unknown> {
    await readyToCommit(guard, this.#log);
    this.#log.phase = 'commit';
    return await guard.commit(() => this.#ask(sql));
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
