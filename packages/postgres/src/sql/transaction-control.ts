/** Transaction control is what a caller's statement does to the transaction that it is sent in. */
import { isBlankAt } from './quotes.js';
import { nextToken, readings } from './scan.js';
import { headOf, startsWith, statementsOf } from './statements.js';

/**
 * - `commit`: ends the transaction, keeping its work (COMMIT, END, also AND CHAIN).
 * - `prepare`: two-phase commit (PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED); somebody else decides.
 * - `rollback`: ends the transaction, undoing its work; what follows is in no transaction or in another.
 * - `begin`: opens one.
 * - `savepoint`: sets, releases or goes back to a savepoint; the transaction goes on.
 */
export type TransactionControl = 'begin' | 'commit' | 'rollback' | 'savepoint' | 'prepare';

interface Rule {
  readonly head: readonly string[];
  readonly control: TransactionControl;
}

/** First match wins, so the longer beginnings come first. */
const rules: readonly Rule[] = [
  { head: ['prepare', 'transaction'], control: 'prepare' },
  { head: ['commit', 'prepared'], control: 'prepare' },
  { head: ['rollback', 'prepared'], control: 'prepare' },
  { head: ['rollback', 'to'], control: 'savepoint' },
  { head: ['rollback', 'work', 'to'], control: 'savepoint' },
  { head: ['rollback', 'transaction', 'to'], control: 'savepoint' },
  { head: ['savepoint'], control: 'savepoint' },
  { head: ['release'], control: 'savepoint' },
  { head: ['commit'], control: 'commit' },
  { head: ['end'], control: 'commit' },
  { head: ['rollback'], control: 'rollback' },
  { head: ['abort'], control: 'rollback' },
  { head: ['begin'], control: 'begin' },
  { head: ['start'], control: 'begin' },
];

const controlWords: ReadonlySet<string | undefined> = new Set(rules.map((rule) => rule.head[0]));

/** Gravest first: after a commit nothing can be undone, and after a rollback the next write stands alone. */
const gravity: readonly TransactionControl[] = [
  'commit',
  'prepare',
  'rollback',
  'begin',
  'savepoint',
];

/**
 * What the text does to the transaction that it is sent in; the gravest of its statements, if it has several.
 *
 * In doubt it reports control: a backslash in a plain string is read both ways, and the `END` of a function body
 * written as `BEGIN ATOMIC … END` counts as a commit. Commands quoted in strings, comments and dollar quotes do not
 * count. Text without control costs the reading of its first word and one search for a semicolon.
 */
export function transactionControl(sql: string): TransactionControl | undefined {
  if (isSingle(sql)) {
    // The first words of a lone statement precede any string, so both readings agree on them.
    return controlWords.has(nextToken(sql, 0, 'ordinary').text)
      ? controlOf(headOf(sql))
      : undefined;
  }
  const found = new Set<TransactionControl | undefined>();
  for (const reading of readings(sql)) {
    for (const { head } of statementsOf(sql, reading)) found.add(controlOf(head));
  }
  return gravity.find((control) => found.has(control));
}

/** What a statement with these first words does to its transaction. */
export function controlOf(head: readonly string[]): TransactionControl | undefined {
  return rules.find((rule) => startsWith(head, rule.head))?.control;
}

/** Whether no semicolon could part two statements: there is none, or only at the very end. */
function isSingle(sql: string): boolean {
  let at = sql.indexOf(';');
  if (at === -1) return true;
  while (sql[at] === ';' || isBlankAt(sql, at)) at += 1;
  return at >= sql.length;
}
