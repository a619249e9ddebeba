/** Asking later, perhaps in another process, what became of a write whose outcome was unknown. */
import { CaromError } from '@carom/core';
import { askLater, type Settled } from '@carom/postgres';
import { connectBeside } from './beside.js';
import type { Factory } from './driver.js';
import { adapterOf } from './internals.js';

/**
 * Asks the server behind a Prisma client, extended or not, or behind its adapter, what became of the write that `ticket` is about:
 * the `ticket` of an `OutcomeUnknownError`, as it is or as its JSON. Takes up to ten seconds, on a connection of its own. `unknown` is
 * an honest answer: ask again later, or look yourself.
 * @throws {CaromError} `CAROM_INVALID_TICKET` for anything that is not a ticket, `CAROM_NOT_AN_ADAPTER` where there is nobody to ask.
 */
export async function resolveOutcome(ticket: unknown, prismaOrAdapter: object): Promise<Settled> {
  const factory = (adapterOf(prismaOrAdapter) ?? prismaOrAdapter) as Partial<Factory>;
  if (typeof factory.connect !== 'function' || factory.adapterName !== '@prisma/adapter-pg') {
    throw new CaromError(
      'CAROM_NOT_AN_ADAPTER',
      'resolveOutcome takes a Prisma client with @prisma/adapter-pg, or that adapter',
    );
  }
  return await askLater(ticket, connectBeside(factory as Factory));
}
