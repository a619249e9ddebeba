/** A ledger is an exactly-once oracle: it notes what was said of each write, and afterwards asks whether it was true. */
import type { Outcome } from '@carom/core';
import { outcomeOf as caromOutcomeOf } from '@carom/postgres';
import { audit, type Found } from './audit.js';
import type { Claim } from './entry.js';
import type { LedgerReport } from './report.js';

/** What `ledger` takes. */
export interface LedgerOptions {
  /** What an error claims. Default: `outcomeOf` of `@carom/postgres`. Nothing else is asked. */
  readonly outcomeOf?: (error: unknown) => Outcome | undefined;
}

/** Writes by id. Ids are what the rows carry; a number stands for its decimal digits. */
export interface Ledger {
  /**
   * Does a write and notes how it went; returns what it returns, throws what it throws.
   *
   * @throws Error when the id was used before: it names one write
   */
  write<T>(id: string | number, action: () => T | Promise<T>): Promise<T>;
  /** Notes that a write begins. @throws Error when the id was used before */
  attempt(id: string | number): void;
  /** Notes that a write was reported as done. @throws Error when it is not pending */
  acknowledged(id: string | number): void;
  /** Notes that a write failed. @throws Error when it is not pending */
  failed(id: string | number, error: unknown): void;
  /** Holds the notes against the ids found in the database: one per row, or a map of ids and numbers of rows. */
  audit(rows: Found): LedgerReport;
}

/** Opens an empty ledger. */
export function ledger({ outcomeOf = caromOutcomeOf }: LedgerOptions = {}): Ledger {
  const claims = new Map<string, Claim>();
  const settle = (id: string | number, claim: Claim): void => {
    const before = claims.get(`${id}`);
    if (before !== 'pending') {
      throw new Error(`ledger: the write ${id} is ${before ?? 'not attempted'}, not pending`);
    }
    claims.set(`${id}`, claim);
  };
  const attempt = (id: string | number): void => {
    if (claims.has(`${id}`)) throw new Error(`ledger: the id ${id} names one write already`);
    claims.set(`${id}`, 'pending');
  };
  const failed = (id: string | number, error: unknown): void =>
    settle(id, outcomeOf(error) ?? 'unclaimed');
  return {
    attempt,
    acknowledged: (id) => settle(id, 'acknowledged'),
    failed,
    audit: (rows) => audit(claims, rows),
    async write(id, action) {
      attempt(id);
      let value: Awaited<ReturnType<typeof action>>;
      try {
        value = await action();
      } catch (error) {
        failed(id, error);
        throw error;
      }
      settle(id, 'acknowledged');
      return value;
    },
  };
}
