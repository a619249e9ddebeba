/** The wire of one transaction: the connection that Prisma's adapter runs it on, with a guard around its COMMIT. */
import { CaromError, isCaromError } from '@carom/core';
import {
  type AttemptLog,
  CommitGuard,
  classify,
  readyToCommit,
  type Settlement,
  SilentRollbackError,
  settlementOf,
  transactionControl,
  withDeadline,
} from '@carom/postgres';
import type { Client } from './driver.js';
import { alreadySet, type Isolation } from './isolation.js';
import { putBack, type Session } from './session.js';

/** The answer to a statement, as far as it is looked at. */
interface Answer {
  readonly command?: string;
}

/** What surely writes, whoever sends it and whatever hook has seen it. */
const writing: RegExp = /^\s*(?:insert|update|delete|merge)\b/i;

/** The wire of one attempt's transaction. */
export class TransactionWire {
  /** The connection as the adapter gets it: the same in all but `query` and `release`. */
  readonly client: Client;
  /** Whether COMMIT was sent. */
  committing = false;
  /** What was found out about a COMMIT that was lost. */
  settlement: Settlement | undefined;
  readonly #real: Client;
  readonly #session: Session;
  readonly #log: AttemptLog;
  /** The level that goes with BEGIN. */
  readonly #isolation: Isolation | undefined;
  /** What the adapter would tell the server next, and the server knows. */
  #told: string | undefined;
  #guard: CommitGuard | undefined;
  #begun = false;
  /** Whether a transaction may be open on the server. */
  #open = false;
  #committed = false;
  #pending = 0;

  constructor(client: Client, session: Session, isolation: Isolation | undefined) {
    this.#real = client;
    this.#session = session;
    this.#isolation = isolation;
    this.#log = session.errand.log;
    session.take(client, () => this.#pending > 0);
    const own = {
      query: (...args: unknown[]): unknown => this.#query(args),
      release: (destroy?: unknown): void => this.#release(destroy),
    };
    this.client = new Proxy(client, {
      get(target, property) {
        if (Object.hasOwn(own, property)) return own[property as keyof typeof own];
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  /** Undoes what is open after `error`, where the connection is still good; Prisma's adapter would just put it back. */
  async undo(error: unknown): Promise<void> {
    const log = this.#log;
    if (!this.#open || this.committing || log.abandoned) return;
    const { connection } = classify(error, { phase: 'statement', inTransaction: true });
    if (connection !== 'keep') return;
    await this.#rollback(['ROLLBACK']).catch(() => {});
  }

  #query(args: unknown[]): unknown {
    const sql = textOf(args[0]);
    const control = sql === undefined ? undefined : transactionControl(sql);
    if (control === 'begin' && !this.#begun) return this.#track(this.#begin(sql ?? 'BEGIN'));
    const told = this.#told;
    this.#told = undefined;
    if (told !== undefined && sql === told) return Promise.resolve(alreadySet);
    const isOver = this.#log.escape === undefined && this.#session.errand.ends?.() !== false;
    if (control === 'commit' && isOver) return this.#track(this.#commit(args));
    if (control === 'rollback') return this.#track(this.#rollback(args));
    return this.#track(this.#statement(sql, control, args));
  }

  async #begin(begin: string): Promise<unknown> {
    const log = this.#log;
    const { errand } = this.#session;
    const { guarding } = errand.settling;
    this.#begun = true;
    this.#open = true;
    if (log.inTransaction) log.phase = 'begin';
    const send = (sql: string): Promise<unknown> => this.#send([sql]);
    if (guarding !== undefined) {
      this.#guard = new CommitGuard(guarding, this.#real, this.#real.query, () =>
        errand.onlyRead(),
      );
      log.guard = this.#guard;
    }
    const { left } = errand;
    const whole = this.#withIsolation(begin);
    const text = left === undefined ? whole : await withDeadline(whole, left, log, this.#real);
    const answer = await (this.#guard?.begin(text, send) ?? send(text));
    this.#session.inTransaction = true;
    if (log.inTransaction) log.phase = 'statement';
    return answer;
  }

  #withIsolation(begin: string): string {
    const isolation = this.#isolation;
    // An adapter that says more than this says it itself.
    if (isolation === undefined || begin !== 'BEGIN') return begin;
    this.#told = isolation.statement;
    return isolation.begin;
  }

  async #commit(args: unknown[]): Promise<Answer> {
    const guard = this.#guard;
    const log = this.#log;
    try {
      await readyToCommit(guard, log);
    } catch (error) {
      await this.undo(error);
      throw error;
    }
    this.committing = true;
    log.phase = 'commit';
    const send = (): Promise<Answer> => this.#send(args);
    try {
      const answer = await (guard === undefined ? send() : guard.commit(send));
      this.#open = false;
      if (answer.command === 'ROLLBACK') throw new SilentRollbackError(log.firstSeen);
      this.#committed = true;
      return answer;
    } catch (error) {
      this.settlement = settlementOf(error);
      // A refused COMMIT ends the transaction as well.
      if (isError(error)) this.#open = false;
      throw error;
    }
  }

  async #rollback(args: unknown[]): Promise<unknown> {
    // Through the guard: what rides behind the last statement may not be overtaken.
    const answer = await this.#pass('ROLLBACK', args);
    this.#open = false;
    return answer;
  }

  async #statement(
    sql: string | undefined,
    control: string | undefined,
    args: unknown[],
  ): Promise<unknown> {
    const log = this.#log;
    if (log.abandoned || this.committing) throw settled();
    if (control !== undefined && control !== 'savepoint') {
      log.send(sql);
      this.#open = true;
    }
    if (sql === undefined || writing.test(sql)) log.send(undefined);
    return await this.#pass(sql, args);
  }

  #pass(sql: string | undefined, args: unknown[]): Promise<unknown> {
    const guard = this.#guard;
    return guard === undefined ? this.#send(args) : (guard.send(sql, args) as Promise<unknown>);
  }

  #release(destroy: unknown): void {
    const log = this.#log;
    const locked = log.holdsSessionLock && !this.#committed;
    const isLost = this.#open || this.#guard?.lost === true || locked;
    putBack(this.#real);
    this.#real.release(destroy || isLost || this.#session.tainted);
  }

  #send<T>(args: unknown[]): Promise<T> {
    return this.#real.query.apply(this.#real, args) as Promise<T>;
  }

  async #track<T>(answer: Promise<T>): Promise<T> {
    this.#pending += 1;
    try {
      return await answer;
    } catch (error) {
      if (isCaromError(error)) this.#session.refused = error;
      throw error;
    } finally {
      this.#pending -= 1;
    }
  }
}

function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query;
  const text = (query as { readonly text?: unknown } | null | undefined)?.text;
  return typeof text === 'string' ? text : undefined;
}

function isError(error: unknown): boolean {
  return (error as { readonly severity?: unknown } | null | undefined)?.severity === 'ERROR';
}

function settled(): CaromError {
  return new CaromError(
    'CAROM_HANDLE_SETTLED',
    'this statement belongs to a transaction attempt that is over',
  );
}
