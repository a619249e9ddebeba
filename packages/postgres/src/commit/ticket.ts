/** A ticket is what is needed to ask later what became of a COMMIT: plain data, which another process can take on. */
import { CaromError } from '@carom/core';
import type { Incarnation } from './incarnation.js';
import type { Origin } from './origin.js';

/** Level 1: the transaction's id, and the incarnation of the server that gave it. */
export interface XidTicket {
  readonly carom: 1;
  readonly level: 'xid';
  /** The datasource's name, for people. */
  readonly datasource: string;
  /** As `pg_current_xact_id()` gives it: 64 bits, decimal. */
  readonly xid: string;
  readonly incarnation: Incarnation;
  /** The transaction's `synchronous_commit`. */
  readonly durability: string;
}

/** Level 2: the token that the transaction put into Carom's own table. */
export interface FenceTicket {
  readonly carom: 1;
  readonly level: 'fence';
  readonly datasource: string;
  /** A UUID. */
  readonly token: string;
  /** When it was made, by the server's clock, in seconds since 1970. */
  readonly createdAt: string;
  readonly durability: string;
  /** Where it was put in; undefined where the server could not be read. */
  readonly origin?: Origin | undefined;
}

/** JSON as it is: no SQL, no values, no address, no credentials. */
export type Ticket = XidTicket | FenceTicket;

/** The values of `synchronous_commit`. Only these are ever put into a statement. */
export const durabilities: ReadonlySet<unknown> = new Set([
  'off',
  'local',
  'on',
  'remote_write',
  'remote_apply',
]);

const isNumber = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{1,20}(?:\.\d{1,9})?$/.test(value);

const isUuid = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);

function isIncarnation(value: unknown): value is Incarnation {
  const { system, timeline, started, stamps } = Object(value) as Partial<Incarnation>;
  return (
    isNumber(system) &&
    typeof timeline === 'string' &&
    /^[0-9A-F]{8}$/.test(timeline) &&
    isNumber(started) &&
    typeof stamps === 'object' &&
    stamps !== null &&
    !Array.isArray(stamps) &&
    // One that is undefined would be equal to whatever the server does not have.
    Object.values(stamps).every(isNumber)
  );
}

function isOrigin(value: unknown): value is Origin {
  const { system, database, started, xid } = Object(value) as Partial<Origin>;
  return [system, database, started, xid].every(isNumber);
}

/**
 * Reads a ticket that has been somewhere else, as an object or as its JSON.
 * @throws {CaromError} `CAROM_INVALID_TICKET` for anything that no `OutcomeUnknownError` has made.
 */
export function readTicket(value: unknown): Ticket {
  const ticket = Object(typeof value === 'string' ? parsed(value) : value) as Partial<Ticket>;
  const common = ticket.carom === 1 && durabilities.has(ticket.durability);
  if (
    common &&
    ticket.level === 'xid' &&
    isNumber(ticket.xid) &&
    isIncarnation(ticket.incarnation)
  ) {
    return ticket as XidTicket;
  }
  if (
    common &&
    ticket.level === 'fence' &&
    isUuid(ticket.token) &&
    isNumber(ticket.createdAt) &&
    (ticket.origin === undefined || isOrigin(ticket.origin))
  ) {
    return ticket as FenceTicket;
  }
  throw new CaromError(
    'CAROM_INVALID_TICKET',
    'this is not the ticket of an OutcomeUnknownError: pass on `error.ticket` as it is, or its JSON',
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
