/** Intent is whether a statement only reads, so that it may be run again although nobody knows what became of it. */
import { changingWords, columnNameWords, reservedWords } from './grammar-words.js';
import { builtInOperators, builtInTypes } from './harmless.js';
import {
  type Group,
  groupOpenedAt,
  isBuiltInTypeAt,
  isInfixAt,
  type Level,
  newLevel,
  phraseEndsAt,
  scopeOf,
} from './parentheses.js';
import { nextToken, type Reading, readings, type Token, tokensOf } from './scan.js';

/**
 * Whether the text is provably one read-only statement: SELECT, WITH … SELECT, TABLE, VALUES, SHOW, or EXPLAIN
 * without ANALYZE of one of these. A trailing semicolon is allowed.
 *
 * False in doubt, and always for locking clauses, SELECT INTO, data-changing CTEs, calls of functions that are not in
 * the table of harmless built-ins, qualified or quoted function names (but `pg_catalog.now()`), operators and types
 * that PostgreSQL does not bring along, unterminated text, and text whose backslashes could hide any of these.
 *
 * Assumed, because text cannot show it: that views, row security policies, foreign tables and columns computed by a
 * function (`t.total`) only read; and that whoever gave a function, an operator or a cast of his own a built-in's
 * name made it just as harmless.
 */
export function isReadOnly(sql: string): boolean {
  const first = nextToken(sql, 0, 'ordinary').text;
  if (first !== '(' && !readingWords.has(first) && first !== 'show' && first !== 'explain')
    return false;
  return readings(sql).every((reading) => onlyReads(sql, reading));
}

const readingWords: ReadonlySet<string> = new Set(['select', 'with', 'table', 'values']);

/** ANALYZE, in its two spellings, is missing: it runs the statement. */
const explainOptions: ReadonlySet<string> = new Set(
  'verbose costs settings generic_plan buffers summary memory format text xml json yaml on off true false'.split(
    ' ',
  ),
);

function onlyReads(sql: string, reading: Reading): boolean {
  const tokens = tokensOf(sql, reading);
  const start = afterExplain(tokens);
  const end = tokens.findIndex((token) => token.text === ';');
  const statement = end === -1 ? tokens : tokens.slice(0, end);
  if (end !== -1 && tokens.slice(end).some((token) => token.text !== ';')) return false;
  return readsFrom(tokens, start) && isHarmless(statement, start);
}

/** Where the explained statement begins; 0 without EXPLAIN; -1 for options that are not known to be harmless. */
function afterExplain(tokens: readonly Token[]): number {
  if (tokens[0]?.text !== 'explain') return 0;
  if (tokens[1]?.text === 'verbose') return 2;
  if (tokens[1]?.text !== '(') return 1;
  let at = 2;
  while (explainOptions.has(tokens[at]?.text ?? '') || tokens[at]?.text === ',') at += 1;
  return tokens[at]?.text === ')' ? at + 1 : -1;
}

function readsFrom(tokens: readonly Token[], start: number): boolean {
  if (start === 0 && tokens[0]?.text === 'show') return true;
  let at = start;
  while (tokens[at]?.text === '(') at += 1;
  return readingWords.has(tokens[at]?.text ?? '');
}

/** Walks the statement once, keeping the levels of parentheses. */
function isHarmless(tokens: readonly Token[], start: number): boolean {
  const levels: Level[] = [newLevel('plain')];
  let closed: Group = 'plain';
  for (let at = start; at < tokens.length; at += 1) {
    const level = levels.at(-1);
    const token = tokens[at];
    if (level === undefined || token === undefined) return false;
    if (token.text === '(') {
      // `WITH t AS (…) (SELECT …)`: the statement itself is in parentheses.
      if (tokens[at - 1]?.text === ')') level.prologue = false;
      const group = groupOpenedAt(tokens, at, level, closed);
      if (group === undefined) return false;
      levels.push(newLevel(group));
    } else if (token.text === ')') {
      closed = level.group;
      levels.pop();
    } else if (!isHarmlessAt(tokens, at, level, closed)) return false;
    else if (token.kind === 'word') enter(tokens, at, start, level);
  }
  return levels.length === 1;
}

/** Notes what a word changes for the rest of its level. */
function enter(tokens: readonly Token[], at: number, start: number, level: Level): void {
  const word = tokens[at]?.text ?? '';
  if (word === 'with') level.prologue ||= at === start || tokens[at - 1]?.text === '(';
  else if (word === 'window') level.window = true;
  else if (readingWords.has(word)) {
    // A SELECT, the first one or another one after UNION.
    level.prologue = false;
    level.window = false;
  }
}

function isHarmlessAt(tokens: readonly Token[], at: number, level: Level, closed: Group): boolean {
  const token = tokens[at];
  switch (token?.kind) {
    case 'word':
    case 'quoted':
      return isHarmlessName(tokens, at, level);
    case 'string':
      return mayPrecedeString(tokens, at - 1, closed);
    case 'operator':
      return builtInOperators.has(token.text);
    case 'punctuation':
      return isHarmlessMark(tokens, at);
    default:
      return token?.kind !== 'unclear';
  }
}

function isHarmlessName(tokens: readonly Token[], at: number, level: Level): boolean {
  const word = tokens[at]?.text ?? '';
  if (changingWords.has(word)) return false;
  if (word === 'for') return !lockWords.has(tokens[at + 1]?.text ?? '');
  if (word === 'as' && level.group === 'cast') return isBuiltInTypeAt(tokens, at + 1);
  if (level.group !== 'names') return true;
  const before = tokens[at - 1]?.kind;
  // A name after a name is a column's type: reading it in calls the type's input function.
  const isFirst = before !== 'word' && before !== 'quoted';
  return isFirst || isBuiltInTypeAt(tokens, at) || phraseEndsAt(tokens, at);
}

const lockWords: ReadonlySet<string> = new Set(['update', 'no', 'share', 'key']);

function isHarmlessMark(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]?.text === '::') return isBuiltInTypeAt(tokens, at + 1);
  if (tokens[at]?.text !== '.') return true;
  // `(x).f` may call a function f.
  const before = tokens[at - 1]?.kind;
  return before === 'word' || before === 'quoted';
}

/** `mine 'text'` is a cast to the type `mine`; a string may follow only what is known to be something else. */
function mayPrecedeString(tokens: readonly Token[], at: number, closed: Group): boolean {
  const { kind, text } = tokens[at] ?? { kind: 'end', text: '' };
  if (kind === 'punctuation') return text === '(' || text === ',' || text === '[';
  if (kind === 'quoted') return false;
  if (kind !== 'word') return true;
  const scope = scopeOf(tokens, at);
  if (scope !== 'bare') return scope === 'catalog' && builtInTypes.has(text);
  if (text === 'escape' || text === 'uescape') {
    const before = tokens[at - 1]?.kind;
    return before === 'string' || before === 'parameter';
  }
  return (
    builtInTypes.has(text) ||
    reservedWords.has(text) ||
    columnNameWords.has(text) ||
    phraseEndsAt(tokens, at) ||
    isInfixAt(tokens, at, closed)
  );
}
