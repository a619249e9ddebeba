/** SQLSTATE is the server's five-letter error code: exact codes first, then the class in its first letters. */
import { lost, type Row, refused, row } from './row.js';

const authentication = row(
  'permanent',
  'not-executed',
  'keep',
  'the server refused the login: the same credentials are refused again',
  { fatal: 'by-nature' },
);

const noSuchDatabase = row('permanent', 'not-executed', 'keep', 'the database does not exist', {
  fatal: 'by-nature',
});

/** "Already exists", which an earlier attempt of this very write may have brought about. */
const alreadyThere = refused('what should be created exists already', { maybeOwnTrace: true });

const notPrepared = row(
  'stale',
  'rolled-back',
  'discard',
  'the prepared statements of this session are not what the driver remembers; the driver cannot heal that in place',
  // Raised before the statement runs.
  { fatal: 'undone' },
);

/** Codes that differ from their class, or that deserve their own words. */
const codes: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    '08001': row('outage', 'not-executed', 'discard', 'the connection could not be made'),
    '08003': row(
      'outage',
      'not-executed',
      'discard',
      'the connection was gone before the statement',
    ),
    '08004': row('permanent', 'not-executed', 'discard', 'the server refused the session'),
    '08007': row(
      'outage',
      'unknown',
      'discard',
      'the result of the commit is not known, by definition',
      {
        neverKnown: true,
      },
    ),
    // From PostgreSQL a client bug (a wrong bind count); poolers borrow it for everything, FATAL.
    '08P01': row('permanent', 'rolled-back', 'discard', 'the protocol was violated', {
      atCommit: 'unknown',
    }),
    '23505': refused('the key exists already', { maybeOwnTrace: true }),
    '23P01': refused('a row that excludes this one exists already', { maybeOwnTrace: true }),
    '25006': row(
      'outage',
      'rolled-back',
      'drain',
      'this server is read-only: after a failover, the old primary',
    ),
    '25P02': refused('an earlier statement of this transaction failed: look for the first error'),
    '25P03': row('permanent', 'rolled-back', 'discard', 'the transaction was idle for too long', {
      fatal: 'by-nature',
    }),
    '25P04': row('permanent', 'rolled-back', 'discard', 'the transaction ran for too long', {
      fatal: 'by-nature',
      atCommit: 'unknown',
    }),
    // As FATAL: a standby ended a session that read what replication had to remove.
    '40001': row(
      'contention',
      'rolled-back',
      'keep',
      'another transaction won; this one can be played again',
      { fatal: 'undone' },
    ),
    '40002': refused('a constraint failed at the end of the transaction'),
    // CockroachDB: the gateway could not learn the result of the commit.
    '40003': row(
      'outage',
      'unknown',
      'discard',
      'the server itself does not know whether it was done',
      {
        neverKnown: true,
      },
    ),
    '40P01': row(
      'contention',
      'rolled-back',
      'keep',
      'a deadlock, and this session was the one to yield',
    ),
    '42701': alreadyThere,
    '42710': alreadyThere,
    '42723': alreadyThere,
    '42P04': alreadyThere,
    '42P05': notPrepared,
    '42P06': alreadyThere,
    '42P07': alreadyThere,
    '53100': refused('the disk is full: not over within the time of a retry'),
    '53300': row('overload', 'not-executed', 'keep', 'the server has no connection to spare', {
      fatal: 'by-nature',
    }),
    '53400': refused('a configured limit was reached, and the same work reaches it again'),
    '55006': row('contention', 'rolled-back', 'keep', 'another session is using the object'),
    '55P03': row('contention', 'rolled-back', 'keep', 'the lock could not be had in time'),
    // Undone for sure, but the same work meets the same limit, and someone asked for it to stop.
    '57014': refused('the statement was cancelled, by a timeout or by request'),
    // Acted on only where PostgreSQL checks for interrupts, never between a commit record and the end of
    // the commit. But a backend ended during the commit flush sends CommandComplete and then this.
    '57P01': row(
      'outage',
      'unknown',
      'discard',
      'the session was ended by an administrator or a shutdown',
      {
        fatal: 'by-nature',
        undoneUnlessComplete: true,
      },
    ),
    // Sent on SIGQUIT, which can hit anywhere, even inside a commit.
    '57P02': row('outage', 'unknown', 'discard', 'the session was ended by a crash of the server', {
      fatal: 'by-nature',
    }),
    '57P03': row(
      'outage',
      'not-executed',
      'discard',
      'the server is starting, stopping or in recovery',
      {
        fatal: 'by-nature',
      },
    ),
    '57P04': row('permanent', 'unknown', 'discard', 'the database was dropped', {
      fatal: 'by-nature',
    }),
    // A statement that races it was never read.
    '57P05': row(
      'stale',
      'not-executed',
      'discard',
      'the idle session was ended by its time limit',
      {
        fatal: 'by-nature',
      },
    ),
    // CockroachDB: the data is committed, the schema change is not.
    XXA00: row('permanent', 'unknown', 'keep', 'committed, but its schema change failed', {
      neverKnown: true,
    }),
  }),
);

/** Whole classes, for the codes without a line of their own. A class not listed is `otherwise`. */
const classes: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    '08': lost('the connection broke and the reply is lost'),
    '22': refused('the data does not fit'),
    '23': refused('a constraint is violated'),
    '25': refused('the statement does not fit the state of the transaction'),
    '26': notPrepared,
    '28': authentication,
    '3D': noSuchDatabase,
    '40': row('contention', 'rolled-back', 'keep', 'the server rolled the transaction back'),
    '42': refused('the statement is wrong, or not permitted'),
    '53': row('overload', 'rolled-back', 'keep', 'the server is short of a resource'),
    '54': refused('a built-in limit was reached'),
    '55': refused('the object is not in the state that this needs'),
    '57': refused('an operator intervened'),
    '57P': row('outage', 'unknown', 'discard', 'the server ended the session', {
      fatal: 'by-nature',
    }),
    '58': row('overload', 'rolled-back', 'discard', 'the system under the server failed', {
      atCommit: 'unknown',
    }),
    '58P': refused('a file of the server is not as it should be'),
    F0: row('permanent', 'not-executed', 'discard', 'the configuration of the server is broken', {
      fatal: 'by-nature',
    }),
    HV: refused('a foreign server failed'),
    P0: refused('raised by a function in the database'),
    // Damage or a bug in the server; proxies borrow it, and their texts are looked at first.
    XX: row('permanent', 'rolled-back', 'discard', 'an internal error of the server'),
  }),
);

/** An ERROR is the server's word that the statement is undone, and most come again when asked again. */
const otherwise = refused('the server refused the statement');

/** The codes with a line of their own, and the classes. */
export const knownSqlstates: readonly string[] = [...codes.keys()].sort();
export const knownClasses: readonly string[] = [...classes.keys()].sort();

/** What a SQLSTATE means, whatever text it came with. */
export function sqlstateRow(sqlstate: string): Row {
  return (
    codes.get(sqlstate) ??
    classes.get(sqlstate.slice(0, 3)) ??
    classes.get(sqlstate.slice(0, 2)) ??
    otherwise
  );
}
