/**
 * Self-committing statements take effect outside of the one transaction that autocommit would give them, so that
 * even an ERROR from the server does not mean "rolled back".
 */
import { readings } from './scan.js';
import { type Statement, startsWith, statementsOf } from './statements.js';
import { controlOf } from './transaction-control.js';

interface Rule {
  /** The statement's first words. */
  readonly head: readonly string[];
  /** A word that must stand somewhere in it. */
  readonly holding?: string;
  /** A word that must not. */
  readonly without?: string;
  readonly why: string;
}

const ownTransactions = 'it commits in several transactions of its own';
const beyondTransactions = 'what it does outside of the database tables is not undone by an error';
const builtInSteps =
  'CONCURRENTLY commits step by step and leaves an unfinished object behind on error';
const remoteSlot =
  'it creates, changes or drops a replication slot on another server, which no error undoes';

/** First match wins. REINDEX and CLUSTER of one plain table are not told from those of a partitioned one. */
const selfCommitting: readonly Rule[] = [
  { head: ['call'], why: 'the procedure may commit inside' },
  { head: ['do'], why: 'the block may commit inside' },
  { head: ['vacuum'], why: ownTransactions },
  { head: ['analyze'], why: 'it commits after each table, when it is given several or none' },
  { head: ['analyse'], why: 'it commits after each table, when it is given several or none' },
  { head: ['cluster'], why: ownTransactions },
  { head: ['repack'], why: ownTransactions },
  { head: ['reindex'], why: ownTransactions },
  { head: ['create'], holding: 'concurrently', why: builtInSteps },
  { head: ['drop'], holding: 'concurrently', why: builtInSteps },
  { head: ['alter'], holding: 'concurrently', why: builtInSteps },
  { head: ['create', 'database'], why: beyondTransactions },
  { head: ['drop', 'database'], why: beyondTransactions },
  { head: ['alter', 'database'], holding: 'tablespace', why: beyondTransactions },
  { head: ['create', 'tablespace'], why: beyondTransactions },
  { head: ['drop', 'tablespace'], why: beyondTransactions },
  { head: ['alter', 'system'], why: 'it writes a file of the server, outside of any transaction' },
  { head: ['create', 'subscription'], why: remoteSlot },
  { head: ['alter', 'subscription'], why: remoteSlot },
  { head: ['drop', 'subscription'], why: remoteSlot },
  {
    head: ['discard', 'all'],
    why: 'it resets the session piece by piece, outside of any transaction',
  },
  { head: ['checkpoint'], why: 'it works outside of any transaction' },
  { head: ['copy'], holding: 'program', why: 'what the program on the server did is not undone' },
  {
    head: ['copy'],
    holding: 'to',
    without: 'stdout',
    why: 'the file it writes on the server is not undone',
  },
];

/** A replay needs what is no longer there, although an ERROR does mean "rolled back". */
const streaming: readonly Rule[] = [
  {
    head: ['copy'],
    holding: 'stdin',
    why: 'the rows streamed into COPY are gone and cannot be sent again',
  },
  {
    head: ['copy'],
    holding: 'stdout',
    why: 'rows that COPY handed out already cannot be taken back',
  },
];

interface Words {
  readonly why: string;
  readonly words: string;
}

/** First words of statements after which an ERROR does mean that nothing was done. */
const transactional: ReadonlySet<string> = firstWords([
  {
    why: 'they run in the one transaction that autocommit gives them; EXECUTE runs prepared DML only',
    words:
      '( select with values table insert update delete merge explain execute copy lock truncate',
  },
  {
    why: 'definitions are rows of the catalogs, but for those in the table above',
    words: 'create alter drop comment security grant revoke reassign import refresh',
  },
  {
    why: 'they act when their transaction commits, and an ERROR forgets them',
    words: 'notify listen unlisten',
  },
  {
    why: 'they touch the session only, and leave nothing in the database that a replay could double',
    words: 'set reset show discard prepare deallocate declare fetch move close load',
  },
]);

function firstWords(groups: readonly Words[]): ReadonlySet<string> {
  return new Set(groups.flatMap(({ words }) => words.split(' ')));
}

/**
 * Whether the text, sent in autocommit, commits by itself or could: then any error after sending leaves its outcome
 * unknown, and it is never bounced.
 *
 * True in doubt: for text of several statements (function bodies in the form `BEGIN ATOMIC … END` look like that),
 * for text that cannot be read to its end, for statements that are not in the tables, and if either reading of a
 * backslash says so. A function may reach outside of its transaction too (dblink, file writes); a call is not looked
 * into, so `SELECT f()` counts as rolled back by an ERROR.
 */
export function commitsItself(sql: string): boolean {
  return ownCommit(sql) !== undefined;
}

/** Why the text is never bounced, whatever went wrong with it; undefined if nothing about it forbids that. */
export function replayRefusal(sql: string): string | undefined {
  const reason = ownCommit(sql);
  if (reason !== undefined) return reason;
  // What got past that is one statement, whichever way it is read.
  const [statement] = statementsOf(sql, 'ordinary');
  return statement && reasonIn(streaming, statement);
}

function ownCommit(sql: string): string | undefined {
  for (const reading of readings(sql)) {
    const reason = reasonAmong(statementsOf(sql, reading));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function reasonAmong(statements: Iterable<Statement>): string | undefined {
  // Two tell enough: the text is read no further.
  const [statement, another] = statements;
  if (statement === undefined) return undefined;
  if (another !== undefined) return 'it holds several statements, and any of them may commit';
  if (!statement.clear) return 'its text cannot be read to its end';
  if (controlOf(statement.head) !== undefined)
    return 'it decides about a transaction that was begun by hand';
  const reason = reasonIn(selfCommitting, statement);
  if (reason !== undefined) return reason;
  return transactional.has(statement.head[0] ?? '')
    ? undefined
    : 'it is no statement that Carom knows';
}

function reasonIn(rules: readonly Rule[], { head, words }: Statement): string | undefined {
  return rules.find(
    ({ head: first, holding, without }) =>
      startsWith(head, first) &&
      (holding === undefined || words.has(holding)) &&
      (without === undefined || !words.has(without)),
  )?.why;
}
