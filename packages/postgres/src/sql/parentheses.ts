/** Parentheses in an expression are calls of functions, or harmless groups: which of them a `(` opens. */
import {
  columnNameWords,
  continuesPhrase,
  infixWords,
  openingWords,
  reservedWords,
} from './grammar-words.js';
import { builtInTypes, harmlessFunctions, modifiableTypes } from './harmless.js';
import type { Token } from './scan.js';

/**
 * What a pair of parentheses holds.
 * - `call`: the arguments of a harmless function, or a type's modifier.
 * - `rows`: a subquery or a table in FROM; an alias with a list of names may follow.
 * - `suffix`: OVER, FILTER, WITHIN GROUP: it belongs to the call before.
 * - `names`: an alias's column names, or its columns with their types.
 * - `cast`: CAST; a type follows its AS.
 * - `keys`: DISTINCT ON; a new expression begins behind it.
 * - `plain`: anything else that calls nothing.
 */
export type Group = 'call' | 'rows' | 'suffix' | 'names' | 'cast' | 'keys' | 'plain';

/** One level of parentheses, while the text is walked. */
export interface Level {
  readonly group: Group;
  /** Between WITH and the statement it belongs to: names with parentheses are CTEs. */
  prologue: boolean;
  /** WINDOW was seen: `AS (` opens a window's definition. */
  window: boolean;
}

/** A level that begins now. */
export function newLevel(group: Group): Level {
  return { group, prologue: false, window: false };
}

/** What `tokens[at]`, a `(`, opens; undefined: a call of what is not known to be harmless. */
export function groupOpenedAt(
  tokens: readonly Token[],
  at: number,
  inside: Level,
  closedBefore: Group,
): Group | undefined {
  const name = tokens[at - 1];
  if (name?.kind !== 'word' && name?.kind !== 'quoted') return groupAfterMark(name);
  const scope = scopeOf(tokens, at - 1);
  if (scope === 'foreign') return undefined;
  if (scope === 'catalog') return isHarmlessCall(name) ? 'call' : undefined;
  if (inside.prologue) return 'plain';
  const before = tokens[at - 2];
  if (namesColumns(before)) return 'names';
  if (infixWords.has(name.text) && !isInfixAt(tokens, at - 1, closedBefore)) return undefined;
  if (reservedWords.has(name.text) || infixWords.has(name.text))
    return groupAfterReserved(name.text, before, inside);
  if (before?.text === ')' && mayHaveAlias(closedBefore)) return groupAfterRows(name);
  if (columnNameWords.has(name.text) || phraseEndsAt(tokens, at - 1)) return 'plain';
  if (name.text === 'cast') return 'cast';
  return isHarmlessCall(name) ? 'call' : undefined;
}

/**
 * Whether the name at `at` stands alone (`bare`), after `pg_catalog.`, or after another schema: `foreign`, for
 * whatever the schema holds is somebody's own.
 */
export function scopeOf(tokens: readonly Token[], at: number): 'bare' | 'catalog' | 'foreign' {
  if (tokens[at - 1]?.text !== '.') return 'bare';
  return tokens[at - 2]?.text === 'pg_catalog' && tokens[at - 3]?.text !== '.'
    ? 'catalog'
    : 'foreign';
}

/** Whether a built-in type is named at `at`: `int`, `pg_catalog.int4`; not `text.mine`, whose schema is `text`. */
export function isBuiltInTypeAt(tokens: readonly Token[], at: number): boolean {
  const catalog = tokens[at]?.text === 'pg_catalog' && tokens[at + 1]?.text === '.';
  const name = catalog ? at + 2 : at;
  return builtInTypes.has(tokens[name]?.text ?? '') && tokens[name + 1]?.text !== '.';
}

/** Whether the word at `at` ends a phrase of the grammar: ORDER BY, TIME ZONE, FETCH FIRST. */
export function phraseEndsAt(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1];
  return before?.kind === 'word' && continuesPhrase(tokens[at]?.text ?? '', before.text);
}

/** Whether the word at `at` stands between operands, or tables: LIKE, NOT LIKE, JOIN. */
export function isInfixAt(tokens: readonly Token[], at: number, closedBefore: Group): boolean {
  if (!infixWords.has(tokens[at]?.text ?? '')) return false;
  return endsOperand(tokens, tokens[at - 1]?.text === 'not' ? at - 2 : at - 1, closedBefore);
}

function endsOperand(tokens: readonly Token[], at: number, closed: Group): boolean {
  const { kind, text } = tokens[at] ?? { kind: 'end', text: '' };
  if (kind === 'punctuation') return text === ']' || (text === ')' && closed !== 'keys');
  if (kind !== 'word') return kind !== 'operator' && kind !== 'unclear' && kind !== 'end';
  // A column, if it is qualified.
  if (tokens[at - 1]?.text === '.') return true;
  return !reservedWords.has(text) && !openingWords.has(text) && !phraseEndsAt(tokens, at);
}

function isHarmlessCall(name: Token): boolean {
  return harmlessFunctions.has(name.text) || modifiableTypes.has(name.text);
}

/** After an operator, a comma, another parenthesis. Knex puts any name it is given in place of `:name:`. */
function groupAfterMark(mark: Token | undefined): Group | undefined {
  if (mark?.text === ':') return undefined;
  return mark?.text === ',' || mark?.text === '(' ? 'rows' : 'plain';
}

function groupAfterReserved(word: string, before: Token | undefined, inside: Level): Group {
  if (word === 'from' || word === 'join' || word === 'lateral') return 'rows';
  if (word === 'on' && before?.text === 'distinct') return 'keys';
  if (word === 'group' && before?.text === 'within') return 'suffix';
  return word === 'as' && !inside.window ? 'names' : 'plain';
}

/** `AS t (a, b)`, `WITH ORDINALITY t (a, b)`; in CAST, `AS numeric (10, 2)`, whose type is judged at the AS. */
function namesColumns(before: Token | undefined): boolean {
  return before?.text === 'as' || before?.text === 'ordinality';
}

/**
 * What closes before `) name (` must have been a complete operand. `DISTINCT ON (a) f(x)` is the trap: there a new
 * expression begins.
 */
function mayHaveAlias(closed: Group): boolean {
  return closed === 'call' || closed === 'rows' || closed === 'suffix';
}

function groupAfterRows(name: Token): Group {
  return name.text === 'over' || name.text === 'filter' ? 'suffix' : 'names';
}
