/** Asking later, perhaps in another process, what became of a write whose outcome was unknown. */
import { askLater, connectLike, type Settled } from '@carom/postgres';
import type { Pool } from 'pg';

/**
 * Asks the server behind `pool` what became of the write that `ticket` is about: the `ticket` of an `OutcomeUnknownError`, as it
 * is or as its JSON. Takes up to ten seconds, on a connection of its own. `unknown` is an honest answer: ask again later, or look
 * yourself.
 * @throws {CaromError} `CAROM_INVALID_TICKET` for anything that is not a ticket.
 */
export function resolveOutcome(ticket: unknown, pool: Pool): Promise<Settled> {
  return askLater(ticket, connectLike(pool));
}
