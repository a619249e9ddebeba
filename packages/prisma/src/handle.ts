/** A handle is the client that a transaction callback works with; here is what went through it, and what failed. */
import { CaromError } from '@carom/core';
import { type AttemptLog, classify, SilentRollbackError } from '@carom/postgres';
import { intentOf, textOf } from './intent.js';
import type { HookParams } from './internals.js';
import type { Unit } from './player.js';
import { traceOf } from './wire.js';

/** What is used of the callback's client. */
export interface TransactionClient {
  $queryRawUnsafe(sql: string): PromiseLike<unknown>;
}

/** The handle of one attempt. */
export class Handle implements Unit {
  readonly #log: AttemptLog;
  #sent = 0;
  #pending = 0;
  #closed = false;

  constructor(log: AttemptLog) {
    this.#log = log;
  }

  async send(params: HookParams): Promise<unknown> {
    const log = this.#log;
    if (log.abandoned || this.#closed) throw settled();
    this.#sent += 1;
    this.#pending += 1;
    noteSending(params, log);
    try {
      return await params.query(params.args);
    } catch (error) {
      log.note(error);
      log.connection ??= traceOf(error)?.connection;
      throw error;
    } finally {
      this.#pending -= 1;
    }
  }

  /** Takes nothing more: the callback has returned. */
  close(): void {
    this.#closed = true;
  }

  /**
   * Makes sure, once the callback has returned, that COMMIT will commit. Prisma hides its answer, which
   * after a failed statement is ROLLBACK, and reports success.
   * @throws {SilentRollbackError} when a statement failed and its error was swallowed.
   */
  async check(client: TransactionClient): Promise<void> {
    const log = this.#log;
    const swallowed = log.firstSeen;
    // Nothing seen at all: another extension took the hooks away, and anything may have been sent.
    const unseen = this.#sent === 0;
    if (swallowed === undefined && this.#pending === 0 && !unseen) return;
    if (unseen) log.send(undefined);
    try {
      await client.$queryRawUnsafe('select 1');
    } catch (error) {
      log.note(error);
      if (classify(error, { inTransaction: true }).code !== '25P02') throw error;
      throw new SilentRollbackError(log.firstSeen === error ? undefined : log.firstSeen);
    }
  }
}

/** Notes an operation before it is sent: a statement's text, or that something is written. */
export function noteSending(params: HookParams, log: AttemptLog): void {
  const text = textOf(params);
  if (text !== undefined) log.send(text);
  else if (intentOf(params) === 'write') log.send(undefined);
}

function settled(): CaromError {
  return new CaromError(
    'CAROM_HANDLE_SETTLED',
    'this client belongs to a transaction attempt that is over: use the one that the callback was given, and await what it sends',
  );
}
