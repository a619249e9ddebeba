/** The first error of a transaction is why it was rolled back; in plain Knex a ROLLBACK that fails hides it. */
import type { KnexTransaction } from './internals.js';

/** Has the transaction, and those nested in it (savepoints), reject with the error they were rolled back for. */
export function keepFirstErrors(transaction: KnexTransaction): void {
  for (const undo of ['rollback', 'rollbackTo'] as const) {
    const send = transaction[undo];
    transaction[undo] = (connection, error) => {
      const reject = transaction._rejecter;
      if (error !== undefined) transaction._rejecter = () => reject?.(error);
      return send.call(transaction, connection, error);
    };
  }
  for (const start of ['begin', 'savepoint'] as const) {
    const send = transaction[start];
    transaction[start] = (connection) => {
      adoptNested(transaction);
      return send.call(transaction, connection);
    };
  }
}

function adoptNested({ trxClient }: KnexTransaction): void {
  const nest = trxClient.transaction;
  trxClient.transaction = (...args) => {
    const nested = nest.apply(trxClient, args);
    keepFirstErrors(nested);
    return nested;
  };
}
