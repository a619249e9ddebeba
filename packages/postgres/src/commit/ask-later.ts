/** Asking later: what became of a write is asked again, after time has passed that nobody watched. */
import type { Settled } from '../outcome/errors.js';
import type { Connect } from './line.js';
import { Resolver } from './resolver.js';
import { readTicket } from './ticket.js';

/** How long it may take, in ms. */
export const laterPatience = 10_000;

/**
 * Asks what became of the write that a ticket is about.
 * @throws {CaromError} `CAROM_INVALID_TICKET` for anything that is not a ticket.
 */
export async function askLater(given: unknown, connect: Connect): Promise<Settled> {
  const ticket = readTicket(given);
  const resolver = new Resolver({ datasource: ticket.datasource, connect });
  return (await resolver.settle(ticket, { patience: laterPatience, late: true })).outcome;
}
