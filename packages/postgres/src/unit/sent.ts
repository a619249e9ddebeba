/** What a transaction has sent on its own handle, and what that tells of it: whether it only read, and what no ROLLBACK undoes. */
import { isReadOnly } from '../sql/intent.js';
import { transactionControl } from '../sql/transaction-control.js';

/** A lock that belongs to the session, and that no ROLLBACK gives back. */
const sessionLock: RegExp = /\bpg_(?:try_)?advisory_lock(?:_shared)?\b/i;

/** What the server lets through in a READ ONLY transaction although it does something: a notification, work elsewhere. */
const reaching: RegExp = /\bnotify\b|\bpg_notify\b|\bdblink/i;

/** A longer transaction counts as a write. */
const limit = 100;

/** The statements of one attempt at a transaction. */
export class Sent {
  /** Why it may have ended by itself. */
  escape: string | undefined = undefined;
  /** Whether the session may hold a lock after ROLLBACK: the next attempt would wait for it, on another connection. */
  holdsSessionLock = false;
  /** Whether it did something that even a READ ONLY transaction may do. */
  reachesOut = false;
  /** Beyond `limit` nobody asks any more whether it only read. */
  readonly #statements: string[] = [];
  #readOnly = true;

  /** Notes a statement; `undefined` is one that nobody can read. */
  add(sql: string | undefined): void {
    const control = sql === undefined ? undefined : transactionControl(sql);
    if (control !== undefined && control !== 'savepoint') {
      this.escape ??= `the callback itself sent ${control.toUpperCase()} on the transaction's handle`;
    }
    this.holdsSessionLock ||= sql !== undefined && sessionLock.test(sql);
    this.reachesOut ||= sql !== undefined && reaching.test(sql);
    if (sql === undefined || this.#statements.length >= limit) this.#readOnly = false;
    else this.#statements.push(sql);
  }

  /** Whether every statement was provably read-only. */
  get readOnly(): boolean {
    this.#readOnly &&= this.#statements.every(isReadOnly);
    return this.#readOnly;
  }
}
