/** Prisma codes: `P2034` and the like, the last word of Prisma about an error whose SQLSTATE is not to be had. */
import type { Evidence } from './evidence.js';
import { lost, type Row, refused, row, unsent } from './row.js';

const notReached = row('outage', 'not-executed', 'keep', 'the server could not be reached');
const full = row('overload', 'not-executed', 'keep', 'no connection was free in time');
const service = row(
  'permanent',
  'unknown',
  'keep',
  'an error of the service in front of the database',
);

const codes: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    P1001: notReached,
    P1002: notReached,
    P1008: lost('the socket timed out and the reply is lost'),
    P1009: refused('the database exists already', { maybeOwnTrace: true }),
    P1017: lost('the server closed the connection and the reply is lost'),
    P1018: row('permanent', 'unknown', 'keep', 'the transaction was closed already'),
    P2002: refused('the key exists already', { maybeOwnTrace: true }),
    // Every raw query fails so; only what it wraps tells why.
    P2010: row('permanent', 'unknown', 'discard', 'a raw query failed, and nothing tells why'),
    P2024: full,
    P2025: refused('a record that is needed is not there', { maybeOwnTrace: true }),
    P2028: row('permanent', 'unknown', 'keep', 'an error of the transaction API'),
    P2034: row('contention', 'rolled-back', 'keep', 'a write conflict or a deadlock'),
    P2036: row('permanent', 'unknown', 'discard', 'an error in a driver adapter'),
    P2037: row('overload', 'not-executed', 'keep', 'the server has no connection to spare'),
    P2038: unsent('the query compiler could not be loaded'),
    P5011: row('overload', 'not-executed', 'keep', 'Accelerate: too many requests'),
    P6001: unsent('Accelerate: the URL is wrong'),
    P6002: unsent('Accelerate: the API key is wrong'),
    P6003: unsent('Accelerate: a limit of the plan'),
    P6005: unsent('Accelerate: wrong parameters'),
    P6006: unsent('Accelerate: a version that is not supported'),
    P6008: row('overload', 'not-executed', 'keep', 'Accelerate could not connect to the database'),
    P6010: unsent('Accelerate: the project is disabled'),
  }),
);

/** The codes with a line of their own. */
export const knownPrismaCodes: readonly string[] = [...codes.keys()].sort();

/** By the first two characters. */
const families: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    P1: unsent('the connection or its configuration is wrong'),
    P2: refused('the query was refused'),
    P5: service,
    P6: service,
  }),
);

/** One code, several meanings. */
const texts: readonly (readonly [code: string, text: RegExp, row: Row])[] = [
  [
    'P2028',
    /Unable to start a transaction in the given time/,
    // The abandoned start is rolled back in the background.
    row('overload', 'not-executed', 'keep', 'the transaction could not begin within maxWait'),
  ],
  [
    'P2028',
    /expired transaction/,
    refused('the transaction ran into its timeout and was rolled back'),
  ],
  ['P2028', /on a committed transaction/, unsent('the transaction was committed already')],
  ['P2028', /that was rolled back/, refused('the transaction was rolled back already')],
  ['P2028', /Invalid isolation level/, unsent('no such isolation level')],
  [
    'P2028',
    /Internal Consistency Error/,
    row('permanent', 'unknown', 'discard', 'a bug of the Prisma client'),
  ],
  [
    'P2023',
    // The data mapper reads what the database answered: an autocommit write is done by then.
    /Expected an? |Missing data field|Unknown enum '|not found in enum '|^Integer value in column/,
    row('permanent', 'unknown', 'keep', 'the answer could not be read; the statement did run'),
  ],
];

/** Prisma prints the calling code, with the caller's values, before its own words. */
const preamble = /^.*\bTransaction API error: /s;

/** What a Prisma code means. */
export function prismaRow({ prismaCode, text = '' }: Evidence): Row | undefined {
  if (prismaCode === undefined) return undefined;
  const words = prismaCode === 'P2028' ? text.replace(preamble, '') : text;
  const told = texts.find(([code, pattern]) => code === prismaCode && pattern.test(words));
  return told?.[2] ?? codes.get(prismaCode) ?? families.get(prismaCode.slice(0, 2));
}

/** Errors of Prisma that have no code. */
const names: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    PrismaClientValidationError: unsent('the arguments are wrong'),
    PrismaClientConstructorValidationError: unsent('the configuration is wrong'),
    PrismaClientInitializationError: unsent('the client could not start'),
    PrismaClientRustPanicError: row('permanent', 'unknown', 'discard', 'the engine panicked'),
  }),
);

/** What the class of a Prisma error means, where it has no code. */
export function prismaNameRow({ name }: Evidence): Row | undefined {
  return name === undefined ? undefined : names.get(name);
}
