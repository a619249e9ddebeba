/** What a transaction has sent on its own handle, and what that tells of it: whether it only read, and what no ROLLBACK undoes. */
import { isReadOnly } from '../sql/intent.js';
import { transactionControl } from '../sql/transaction-control.js';
import { standsBehind } from '../sql/words.js';

/** A lock that belongs to the session, and that no ROLLBACK gives back. */
const sessionLock: RegExp = /\bpg_(?:try_)?advisory_lock(?:_shared)?\b/i;

/**
 * What the server lets through in a READ ONLY transaction although it does something: a notification, work elsewhere, what goes
 * into the WAL by itself, a slot; before PostgreSQL 16 large objects too. READ WRITE makes it another transaction.
 */
const reaching: RegExp = new RegExp(
  [
    /\bnotify\b|\bpg_notify\b|\bdblink/,
    /\bpg_logical_emit_message\b|\bpg_logical_slot_get_|\bpg_\w+_(?:replication_)?slot\b|\bpg_replication_slot_advance\b/,
    /\blowrite\b|\blo_(?:creat|create|export|from_bytea|import|put|truncate|truncate64|unlink)\b/,
    /\btransaction_read_only\b/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);

/** A longer transaction counts as a write. */
const limit = 100;

/** Whether a statement may do something even in a READ ONLY transaction. */
export function mayReachOut(sql: string | undefined): boolean {
  if (sql === undefined) return false;
  if (reaching.test(sql) || standsBehind(sql, /\bcopy\b/i, /\bprogram\b/i)) return true;
  return standsBehind(sql, /\bread\b/i, /\bwrite\b/i);
}

/** The statements of one attempt at a transaction. */
export class Sent {
  /** Why it may have ended by itself. */
  escape: string | undefined = undefined;
  /** Whether the session may hold a lock after ROLLBACK: the next attempt would wait for it, on another connection. */
  holdsSessionLock = false;
  /** Whether one that was declared READ ONLY did something all the same. */
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
    if (sql === undefined || this.#statements.length >= limit) this.#readOnly = false;
    else this.#statements.push(sql);
  }

  /** Whether every statement was provably read-only. */
  get readOnly(): boolean {
    this.#readOnly &&= this.#statements.every(isReadOnly);
    return this.#readOnly;
  }
}
