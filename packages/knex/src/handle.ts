/** A handle is the `trx` of one attempt, seen from behind: it steers Knex's transaction, and knows how far it got. */
import {
  type AttemptLog,
  CommitGuard,
  type GuardRules,
  SilentRollbackError,
} from '@carom/postgres';
import { keepFirstErrors } from './first-error.js';
import type { KnexTransaction } from './internals.js';
import type { Session } from './session.js';
import { type Own, Steps } from './steps.js';
import { type Answered, tap } from './tap.js';

/** One transaction of Knex, from BEGIN to its end. */
export class Handle {
  /** Whether the server has begun the transaction. Knex runs the callback even when it has not. */
  begun = false;
  /** What COMMIT was answered with, `ROLLBACK` when a statement had failed; undefined before. */
  commitTag: string | undefined;
  /** With what COMMIT failed. */
  commitError: unknown;
  readonly #log: AttemptLog;
  readonly #guarding: GuardRules | undefined;
  readonly #left: (() => number) | undefined;
  #session: Session | undefined;
  #transaction: KnexTransaction | undefined;
  #untap: (() => void) | undefined;
  /** The statement of Knex's own that is being sent in this very turn. */
  #sending: Own | undefined;
  /** The same, while it is handed to the guard. */
  #step: Own | undefined;
  #pending = 0;
  /** Whether the server has said that no transaction is open on the connection. */
  #settled = false;

  /** @param left what is left of the attempt's time, in ms; for the server to know. */
  constructor(log: AttemptLog, guarding: GuardRules | undefined, left?: () => number) {
    this.#left = left;
    this.#log = log;
    this.#guarding = guarding;
  }

  /** Listens to what is sent on the connection, savepoints and streams included. */
  attach(session: Session): void {
    const { connection } = session;
    const { query } = connection;
    this.#session = session;
    const listen = (sql: string | undefined): Answered => this.#onQuery(sql);
    if (this.#guarding === undefined && this.#left === undefined) {
      this.#untap = tap(connection, listen);
      return;
    }
    this.#log.guard =
      this.#guarding &&
      new CommitGuard(this.#guarding, connection, query, () => this.#log.readOnly);
    const steps = new Steps(this.#log.guard, connection, query, this.#log, this.#left);
    this.#untap = tap(connection, listen, (sql, args) => steps.send(this.#step, sql, args));
  }

  /** Takes the steps of the transaction in hand: in the same turn in which Knex made it. */
  steer(transaction: KnexTransaction): void {
    this.#transaction = transaction;
    keepFirstErrors(transaction);
    const { begin, commit, rollback } = transaction;
    transaction.begin = (connection) => {
      this.#log.phase = 'begin';
      return this.#as('begin', () => begin.call(transaction, connection));
    };
    transaction.commit = (connection, value) => {
      // The guard says itself when it sends COMMIT.
      if (!transaction.isCompleted() && this.#guarding === undefined) this.#log.phase = 'commit';
      this.#distrust(transaction);
      return this.#as('commit', () => commit.call(transaction, connection, value));
    };
    transaction.rollback = (connection, error) =>
      this.#rollback(transaction, error, () => rollback.call(transaction, connection, error));
  }

  /** From now on every use of the `trx` is refused, COMMIT included: nobody waits for this attempt. */
  poison(reason: unknown): void {
    const transaction = this.#transaction;
    if (transaction === undefined) return;
    transaction._completed = true;
    transaction._rejecter?.(reason);
  }

  /** Gives the connection back, but only one on which the server has ended the transaction. */
  close(error?: unknown): void {
    this.#untap?.();
    this.#untap = undefined;
    const locked = error !== undefined && this.#log.holdsSessionLock;
    const clean = this.#settled && this.#pending === 0 && this.#session?.bad === false && !locked;
    this.#session?.close(clean ? this.#adviceOn(error) : 'discard');
  }

  #onQuery(sql: string | undefined): Answered {
    const own = this.#sending;
    this.#step = own;
    // Its answer comes in a later turn; what the callback sends meanwhile is its own.
    this.#sending = undefined;
    if (own === undefined) this.#log.send(sql);
    this.#pending += 1;
    this.#session?.sends();
    let over = false;
    return (error, result) => {
      if (over) return;
      over = true;
      this.#pending -= 1;
      this.#session?.hears();
      if (own !== undefined) this.#onStep(own, error, result);
      if (error !== undefined) this.#log.note(error);
    };
  }

  #onStep(own: Own, error: unknown, result: unknown): void {
    if (own === 'begin' && error === undefined) {
      this.begun = true;
      this.#log.phase = 'statement';
      return;
    }
    if (own === 'commit') {
      this.commitError = error;
      this.commitTag = (result as { readonly command?: string } | undefined)?.command;
    }
    // An ERROR in answer to BEGIN or COMMIT ends the transaction as well.
    this.#settled = error === undefined || (own !== 'rollback' && isError(error));
  }

  #rollback(
    transaction: KnexTransaction,
    error: unknown,
    send: () => Promise<unknown>,
  ): Promise<unknown> {
    if (transaction.isCompleted()) return send();
    if (isTimeout(error)) this.#log.note(error);
    if (error !== undefined && this.#isLost(error)) {
      // ROLLBACK would wait for the end of its own clock, 5 s. Hanging up rolls back as well.
      this.poison(error);
      return Promise.resolve();
    }
    // Undone at the caller's wish; an error of the callback's own leaves the phase as it is.
    if (error === undefined) this.#log.phase = 'rollback';
    return this.#as('rollback', send);
  }

  /** A COMMIT that is answered with ROLLBACK is none, for those as well who wait for `trx.executionPromise`. */
  #distrust(transaction: KnexTransaction): void {
    const resolve = transaction._resolver;
    transaction._resolver = (value) => {
      if (this.commitTag !== 'ROLLBACK') resolve?.(value);
      else transaction._rejecter?.(new SilentRollbackError(this.#log.firstSeen));
    };
  }

  #isLost(error: unknown): boolean {
    return this.#session?.bad === true || this.#adviceOn(error) !== 'keep';
  }

  /** An error that no connection gave says nothing about the connection. */
  #adviceOn(error: unknown): 'keep' | 'discard' | 'drain' {
    if (error === undefined || !this.#log.saw(error)) return 'keep';
    return this.#log.verdict(error).connection;
  }

  #as(own: Own, send: () => Promise<unknown>): Promise<unknown> {
    // Knex reaches the connection in this turn, or not at all.
    this.#sending = own;
    try {
      return send();
    } finally {
      this.#sending = undefined;
    }
  }
}

function isError(error: unknown): boolean {
  return (error as { readonly severity?: unknown } | null)?.severity === 'ERROR';
}

function isTimeout(error: unknown): boolean {
  return (error as { readonly name?: unknown } | null | undefined)?.name === 'KnexTimeoutError';
}
