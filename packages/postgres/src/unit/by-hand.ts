/** A transaction by hand is begun and ended by the caller: nobody can play it again, but its COMMIT is settled. */
import type { Resolver } from '../commit/resolver.js';
import type { AttemptLog } from './attempt-log.js';
import { conclude } from './conclude.js';
import { judgeTransaction } from './transaction.js';

const why = 'the caller began this transaction and ends it by hand';

/** What the caller gets for the error of a COMMIT; its outcome is on record then. */
export function concludeByHand(
  error: unknown,
  log: AttemptLog,
  {
    datasource,
    resolver,
  }: { readonly datasource: string; readonly resolver?: Resolver | undefined },
): unknown {
  const verdict = judgeTransaction(error, log);
  const { outcome } = verdict;
  const isWrite = !log.readOnly;
  return conclude(
    error,
    { verdict, outcome, attempts: 1, why },
    {
      ...{ datasource, operation: 'transaction', phase: log.phase, isWrite, resolver },
      ticket: log.guard?.ticket,
    },
  );
}
