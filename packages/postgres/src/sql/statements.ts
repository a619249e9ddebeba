/** Statements are SQL text cut at its semicolons: what each begins with, and which words it holds. */
import { nextToken, type Reading, type Token } from './scan.js';

/** One statement of a text, as far as the tables of this folder need to know it. */
export interface Statement {
  /** The texts of its first tokens, at most four; a quoted name or a literal is an empty text. */
  readonly head: readonly string[];
  /** Every bare word in it. */
  readonly words: ReadonlySet<string>;
  /** Whether all of it could be read: no unterminated quote, no strange character, parentheses balanced. */
  readonly clear: boolean;
}

/** No rule needs more: `ROLLBACK WORK TO SAVEPOINT`. */
const headLength = 4;

/**
 * The statements of a text that are not empty, read as they are asked for. Semicolons inside parentheses (`CREATE RULE`) and inside
 * `BEGIN ATOMIC … END` cut as well: who meets such text sees too many statements, never too few.
 */
export function* statementsOf(sql: string, reading: Reading): Generator<Statement, void> {
  let tokens = newCollection();
  let token: Token;
  let at = 0;
  do {
    token = nextToken(sql, at, reading);
    at = token.end;
    if (token.kind !== 'end' && token.text !== ';') collect(tokens, token);
    else if (tokens.head.length > 0) {
      yield { head: tokens.head, words: tokens.words, clear: tokens.clear && tokens.depth === 0 };
      tokens = newCollection();
    }
  } while (token.kind !== 'end');
}

/** The beginning of the text's first statement; the rest is not read. */
export function headOf(sql: string): readonly string[] {
  const head: string[] = [];
  let at = 0;
  while (head.length < headLength) {
    const token = nextToken(sql, at, 'ordinary');
    if (token.kind === 'end' || token.text === ';') break;
    head.push(token.text);
    at = token.end;
  }
  return head;
}

/** Whether `head` begins with all of `words`. */
export function startsWith(head: readonly string[], words: readonly string[]): boolean {
  return words.every((word, at) => head[at] === word);
}

interface Collection {
  readonly head: string[];
  readonly words: Set<string>;
  clear: boolean;
  depth: number;
}

function newCollection(): Collection {
  return { head: [], words: new Set(), clear: true, depth: 0 };
}

function collect(tokens: Collection, token: Token): void {
  if (tokens.head.length < headLength) tokens.head.push(token.text);
  if (token.kind === 'word') tokens.words.add(token.text);
  if (token.text === '(') tokens.depth += 1;
  if (token.text === ')') tokens.depth -= 1;
  if (token.kind === 'unclear' || tokens.depth < 0) tokens.clear = false;
}
