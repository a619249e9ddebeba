/** Driver texts are the fixed words of pg, pg-pool, Knex and tarn for faults that they give no code. */
import type { Evidence } from './evidence.js';
import { lost, type Row, row, unsent } from './row.js';

/** A text: the whole of the driver's words, since anybody's error may quote them. */
export interface DriverText {
  readonly text: RegExp;
  readonly row: Row;
  /** The error's `name`; default any. */
  readonly name?: string;
  /** Never said of a statement, so never behind SQL. Default false. */
  readonly withoutSql?: boolean;
}

const shutDown = (reason: string): Row => row('permanent', 'not-executed', 'discard', reason);
const desync = row(
  'permanent',
  'unknown',
  'discard',
  'the protocol is out of step on this connection',
);

/** pg 8.23 and pg-pool 3.14. */
const pgTexts: readonly DriverText[] = [
  {
    text: /^timeout exceeded when trying to connect$/,
    row: row('overload', 'not-executed', 'keep', 'no client of the pool was free in time'),
  },
  {
    text: /^timeout expired$/,
    row: row('outage', 'not-executed', 'keep', 'the connection was not made in time'),
  },
  {
    // Its cause says "Connection terminated unexpectedly", which would be an unknown outcome.
    text: /^Connection terminated due to connection timeout$/,
    row: row('outage', 'not-executed', 'keep', 'the connection was not made in time'),
  },
  {
    text: /^Connection (terminated|ended) unexpectedly$/,
    row: lost('the connection ended and the reply with it'),
  },
  {
    text: /^Connection terminated$/,
    row: row('permanent', 'unknown', 'discard', 'this process ended the connection'),
  },
  {
    text: /^Client has encountered a connection error and is not queryable$/,
    row: row('outage', 'not-executed', 'discard', 'the connection was dead before the statement'),
  },
  { text: /^Client was closed and is not queryable$/, row: shutDown('this client was closed') },
  {
    // No answer came: a dead network looks no different.
    text: /^Query read timeout$/,
    row: lost('no answer came within query_timeout; the server may still be at work'),
  },
  {
    text: /^Cannot use a pool after calling end on the pool$/,
    row: unsent('the pool was ended'),
  },
  { text: /^Called end on pool more than once$/, row: unsent('the pool was ended twice') },
  {
    text: /^(Client has already been connected\. )?You cannot reuse a client\.?$/,
    row: unsent('a client connects once'),
  },
  {
    text: /^Release called on client which has already been released( to the pool)?\.?$/,
    row: unsent('a client was released twice'),
  },
  {
    text: /^The server does not support SSL connections$/,
    row: unsent('TLS is asked for, and the server has none'),
  },
  {
    // Anything but a yes or no to the TLS request, such as "too many connections": pg drops the reason.
    text: /^There was an error establishing an SSL connection$/,
    row: row('outage', 'not-executed', 'keep', 'the server did not answer the request for TLS'),
  },
  { text: /^(Received unexpected \w+ )?message from backend\.?$/, row: desync },
  { text: /^received invalid response(: ?\w+)?$/, row: desync },
  { text: /^Unknown authenticationOk message type \d+$/, row: desync },
  { text: /^SASL(:| channel binding:)/, row: unsent('the login could not be done by SCRAM') },
  { text: /^Password must be a string$/, row: unsent('the password is not a string') },
  {
    // The second half alone, where Knex has put SQL before it: the words hold Knex's separator.
    text: /^Prepared statements must be unique( - '.*' was used for a different statement)?$|^'.*' was used for a different statement$/s,
    row: unsent('one name was used for two prepared statements'),
  },
  { text: /^Query values must be an array$/, row: unsent('the values are not an array') },
  {
    text: /^A query must have either text or a name(\. Supplying neither is unsupported\.)?$/,
    row: unsent('the query has no text'),
  },
  {
    text: /^Client was passed a null or undefined query$/,
    row: unsent('the query has no text'),
  },
  {
    text: /^([A-Z][\w `-]* (is|are) )?not supported in pipeline mode$/,
    row: unsent('this kind of query cannot share a pipelined connection'),
  },
];

const cancelFailed = row(
  'permanent',
  'unknown',
  'discard',
  'the query ran into its timeout, and cancelling it failed too',
);

/** Knex 3.3 and tarn 3.1. */
const knexTexts: readonly DriverText[] = [
  {
    name: 'KnexTimeoutError',
    text: /Timeout acquiring a connection/,
    row: row('overload', 'not-executed', 'keep', 'no connection of the pool was free in time'),
  },
  {
    text: /^operation timed out for an unknown reason$/,
    row: row('overload', 'not-executed', 'keep', 'no connection of the pool was free in time'),
  },
  {
    // With { cancel: true } too: Knex does not look at what became of the cancelled statement.
    name: 'KnexTimeoutError',
    text: /Defined query timeout/,
    row: row('permanent', 'unknown', 'discard', 'no answer came within the timeout of the query'),
  },
  { text: /^cancelling of query failed\.?$/, row: cancelFailed },
  {
    name: 'KnexTimeoutError',
    text: /operation timed out/,
    row: lost('no answer came within a timeout of Knex'),
  },
  {
    text: /^Unable to acquire a connection$/,
    row: unsent('this Knex was destroyed, or has no pool'),
  },
  {
    text: /^Transaction rejected with non-error\b/,
    row: row('permanent', 'rolled-back', 'keep', 'the transaction was rejected without an error'),
  },
  { text: /^Undefined binding\(s\) detected\b/, row: unsent('a binding is undefined') },
  { name: 'Error', withoutSql: true, text: /^aborted$/, row: unsent('the pool was destroyed') },
  { text: /^The query is empty$/, row: unsent('the query has no text') },
  {
    text: /^Invalid connection for transaction query\.$/,
    row: unsent('not the connection of the transaction'),
  },
  {
    text: /^Transaction query already complete, run with/,
    row: unsent('the transaction was over'),
  },
  {
    // Carom's own words for what no driver reports: COMMIT of a failed transaction answers ROLLBACK.
    text: /^COMMIT answered with command tag ROLLBACK$/,
    row: row('permanent', 'rolled-back', 'keep', 'the server rolled back what should be committed'),
  },
];

const texts: readonly DriverText[] = [...pgTexts, ...knexTexts];

/** What the driver's words mean; only for errors without a SQLSTATE. */
export function driverTextRow({ name, text, statement }: Evidence): Row | undefined {
  if (text === undefined) return undefined;
  return texts.find(
    (each) =>
      (each.name ?? name) === name &&
      !(each.withoutSql && statement !== undefined) &&
      each.text.test(text),
  )?.row;
}

/**
 * Knex gives the error of a failed cancel request new words but leaves its code: an ECONNREFUSED or a 53300
 * that is about the cancel request, while the statement itself is at work.
 */
export function cancelFailedRow({ text }: Evidence): Row | undefined {
  const isOfKnex =
    text !== undefined &&
    /^After query timeout of \d+ms exceeded, cancelling of query failed\.$/.test(text);
  return isOfKnex ? cancelFailed : undefined;
}

/** COMMIT was sent, by the SQL that Knex put before the words, and no server answered it. */
export const commitLost: Row = lost('COMMIT was sent and its answer is lost');
