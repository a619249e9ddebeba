/** Asking later, perhaps in another process, what became of a write whose outcome was unknown. */
import { askLater, type Settled } from '@carom/postgres';
import type { Knex } from 'knex';
import { connectBeside } from './beside.js';
import type { KnexFunction } from './internals.js';

/**
 * Asks the server behind `knex`, wrapped or not, what became of the write that `ticket` is about: the `ticket` of an
 * `OutcomeUnknownError`, as it is or as its JSON. Takes up to ten seconds, on a connection of its own. `unknown` is an honest
 * answer: ask again later, or look yourself.
 * @throws {CaromError} `CAROM_INVALID_TICKET` for anything that is not a ticket.
 */
// biome-ignore lint/suspicious/noExplicitAny: whatever rows and results this Knex is typed for.
export function resolveOutcome(ticket: unknown, knex: Knex<any, any[]>): Promise<Settled> {
  return askLater(ticket, connectBeside((knex as unknown as KnexFunction).client));
}
