/** The unit of retry of Knex: `knex.transaction(…)` in all its forms, and what is based on it (`batchInsert`). */
import { callbackify } from 'node:util';
import type { Shot } from '@carom/core';
import { type Transaction, transactionShot } from '@carom/postgres';
import type { Container, Context, TransactionConfig, Transactor } from './internals.js';
import { concludeLate } from './late.js';
import type { Table } from './table.js';
import { beginByHand, type Play, playTransaction } from './transaction.js';

/** Knex's own `transaction`; without a callback, or with a config alone, the caller ends it by hand. */
export type TransactionMethod = (
  container?: Container | TransactionConfig | null,
  config?: TransactionConfig,
) => unknown;

/**
 * Makes the `transaction` of a wrapped context.
 * @param plain Knex's own context; `wrapped` gives the one that the wrapped Knex has.
 */
export function makeTransaction(
  table: Table,
  plain: Context,
  wrapped: () => Context,
): TransactionMethod {
  return (first, second) => {
    const isConfig = !second && typeof first === 'object' && first !== null;
    const config = isConfig ? (first as TransactionConfig) : second;
    const container = typeof first === 'function' ? first : undefined;
    const guarding = config?.readOnly === true ? undefined : table.guarding;
    const { client, connectPatience, vigil, room } = table;
    const count = table.countdown();
    const source = { client, connectPatience, vigil, room };
    const play: Play = { context: plain, ...source, count, config, guarding };
    if (container === undefined && !config?.connection) return begin(table, play);
    // Made even where it is not played, so that the units around it hear of it.
    const shot = shotOf(table, play, container ?? (() => undefined));
    // There is no other connection to play it again on.
    if (config?.connection) return plain.transaction.call(wrapped(), container, config);
    return withCallback(table.strategy.play(shot, table.rules));
  };
}

function shotOf(table: Table, play: Play, container: Container): Shot<unknown> {
  return transactionShot<unknown>({
    ...described(table, play, 'transaction'),
    callback: container,
    play: (attempt, log, inside) => playTransaction(play, container, attempt, log, inside),
  });
}

/** Bounced until the server has begun it; from then on it is the caller's. */
function begin(table: Table, play: Play): Promise<Transactor> {
  const why = 'the caller began this transaction and ends it by hand';
  const shot: Shot<Transactor> = transactionShot({
    ...described(table, play, 'begin'),
    play: (attempt, log) =>
      beginByHand(play, attempt, log, (error) => concludeLate(shot, error, attempt.attempt, why)),
  });
  return table.strategy.play(shot, table.rules);
}

function described(
  { base }: Table,
  { config }: Play,
  name: string,
): Omit<Transaction<never>, 'play'> {
  return { base, name, readOnly: config?.readOnly === true };
}

/** What a transaction of Knex has beside a promise. */
function withCallback(result: Promise<unknown>): Promise<unknown> {
  const asCallback = (
    callback: (error: NodeJS.ErrnoException | null, value: unknown) => void,
  ): Promise<unknown> => {
    callbackify(() => result)(callback);
    return result;
  };
  return Object.assign(result, { asCallback });
}
