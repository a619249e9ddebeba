/**
 * A scan is a lexical analysis (tokenizing) of SQL text: what is code and what is only quoted. It follows
 * PostgreSQL's own lexer, never throws, and reads each character a bounded number of times.
 */
import { blankEnd, dollarEnd, quotedNameEnd, stringEnd } from './quotes.js';

/**
 * What a token is. `parameter`: `$1`. `unclear`: an unterminated quote or comment, or a
 * character that SQL does not know; nothing should be concluded from such text. `end`: no token is left.
 */
export type TokenKind =
  | 'word'
  | 'quoted'
  | 'string'
  | 'number'
  | 'parameter'
  | 'operator'
  | 'punctuation'
  | 'unclear'
  | 'end';

/** One token of SQL text. */
export interface Token {
  readonly kind: TokenKind;
  /** A word in lower case; a parameter, operator or punctuation mark as written; otherwise empty. */
  readonly text: string;
  /** Where the next token may begin. */
  readonly end: number;
}

/**
 * How a backslash in a plain string is read. The server's setting `standard_conforming_strings` decides, and the
 * text does not tell: on (the default) makes it an ordinary character, off makes it an escape.
 */
export type Reading = 'ordinary' | 'escape';

const ordinaryOnly: readonly Reading[] = ['ordinary'];
const bothReadings: readonly Reading[] = ['ordinary', 'escape'];

/**
 * The ways in which a server may read this text. Whoever judges it takes the worst of them: text with backslashes
 * that means the same either way (`'\d+'`) is then no riddle, and `'\'; commit; --'` is taken for what it might be.
 */
export function readings(sql: string): readonly Reading[] {
  return sql.includes('\\') ? bothReadings : ordinaryOnly;
}

/** The first token at or after `from`. */
export function nextToken(sql: string, from: number, reading: Reading): Token {
  const start = blankEnd(sql, from);
  if (isWordStart(sql.charCodeAt(start))) return wordAt(sql, start, reading);
  const char = sql[start];
  if (char === undefined) return { kind: 'end', text: '', end: start };
  const digits = char === '.' ? start + 1 : start;
  if (isDigit(sql.charCodeAt(digits))) return numberAt(sql, start);
  if (char === "'") return quote('string', sql, stringEnd(sql, start, reading === 'escape'));
  if (char === '"') return quote('quoted', sql, quotedNameEnd(sql, start));
  if (char === '$') return dollarAt(sql, start);
  if (operatorMarks.includes(char)) return operatorAt(sql, start);
  if (char === ':' || punctuationMarks.includes(char)) return punctuationAt(sql, start);
  // Knex's way of writing an operator with a question mark.
  if (sql.startsWith('\\?', start)) return operatorAt(sql, start + 1);
  return { kind: 'unclear', text: '', end: start + 1 };
}

/** All tokens of the text under one reading, without the closing `end`. */
export function tokensOf(sql: string, reading: Reading): readonly Token[] {
  const tokens: Token[] = [];
  let token = nextToken(sql, 0, reading);
  while (token.kind !== 'end') {
    tokens.push(token);
    token = nextToken(sql, token.end, reading);
  }
  return tokens;
}

/** Letters, the underscore, and everything beyond ASCII. */
function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code >= 128;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/** Inside of a word, digits and the dollar sign (36) belong to it. */
function wordEnd(sql: string, from: number): number {
  let at = from;
  for (;;) {
    const code = sql.charCodeAt(at);
    if (!isWordStart(code) && !isDigit(code) && code !== 36) return at;
    at += 1;
  }
}

/** A word, or the string or name that a one-letter prefix opens: E'', B'', X'', N'', U&'', U&"". */
function wordAt(sql: string, start: number, reading: Reading): Token {
  const end = wordEnd(sql, start + 1);
  const text = lowered(sql.slice(start, end));
  const next = sql[end];
  if (next === "'") {
    if (text === 'e') return quote('string', sql, stringEnd(sql, end, true));
    if (text === 'n') return quote('string', sql, stringEnd(sql, end, reading === 'escape'));
    if (text === 'b' || text === 'x') return quote('string', sql, stringEnd(sql, end, false));
  }
  if (text === 'u' && next === '&') {
    if (sql[end + 1] === "'") return quote('string', sql, stringEnd(sql, end + 1, false));
    if (sql[end + 1] === '"') return quote('quoted', sql, quotedNameEnd(sql, end + 1));
  }
  return { kind: 'word', text, end };
}

/** Only ASCII folds: JavaScript would turn the Kelvin sign into a `k`, and a stranger's function into `rank`. */
function lowered(word: string): string {
  for (let at = 0; at < word.length; at += 1) if (word.charCodeAt(at) >= 128) return word;
  return word.toLowerCase();
}

/** A quoted token, or what remains of the text if it never ends. */
function quote(kind: 'string' | 'quoted', sql: string, end: number): Token {
  return end === -1 || end > sql.length
    ? { kind: 'unclear', text: '', end: sql.length }
    : { kind, text: '', end };
}

/** `1`, `1.5`, `1.`, `.5`, `1e-3`. Radix prefixes and digit separators come out as a word after the number. */
function numberAt(sql: string, start: number): Token {
  let end = digitsEnd(sql, start);
  if (sql[end] === '.' && sql[end + 1] !== '.') end = digitsEnd(sql, end + 1);
  if (sql[end] === 'e' || sql[end] === 'E') {
    const signed = sql[end + 1] === '+' || sql[end + 1] === '-';
    const power = end + (signed ? 2 : 1);
    if (isDigit(sql.charCodeAt(power))) end = digitsEnd(sql, power);
  }
  return { kind: 'number', text: '', end };
}

function digitsEnd(sql: string, from: number): number {
  let at = from;
  while (isDigit(sql.charCodeAt(at))) at += 1;
  return at;
}

/** `$1`, or text quoted with `$$` or `$tag$`. */
function dollarAt(sql: string, start: number): Token {
  let end = start + 1;
  if (isDigit(sql.charCodeAt(end))) {
    end = digitsEnd(sql, end);
    return { kind: 'parameter', text: sql.slice(start, end), end };
  }
  while (isWordStart(sql.charCodeAt(end)) || isDigit(sql.charCodeAt(end))) end += 1;
  if (sql[end] !== '$') return { kind: 'unclear', text: '', end };
  return quote('string', sql, dollarEnd(sql, start, sql.slice(start, end + 1)));
}

/** With the question mark: what Knex has written is judged with `$1` in place of its own `?`, as the server reads it. */
const operatorMarks = '~!@#^&|`?+-*/%<>=';
const loosensSign = /[~!@#^&|`?%]/;
/** PostgreSQL's NAMEDATALEN. A run of marks beyond it is not looked into: it would be read once for each mark. */
const longestOperator = 64;

function operatorAt(sql: string, start: number): Token {
  // Only an unterminated comment is still here at the start of a token.
  if (sql.startsWith('/*', start)) return { kind: 'unclear', text: '', end: sql.length };
  let end = start + 1;
  while (operatorMarks.includes(sql[end] ?? ' ') && !opensComment(sql, end)) end += 1;
  if (end - start > longestOperator) return { kind: 'unclear', text: '', end };
  if (!loosensSign.test(sql.slice(start, end))) {
    // `a<-1` compares with minus one, unless the operator has a mark of the second row.
    while (end > start + 1 && (sql[end - 1] === '+' || sql[end - 1] === '-')) end -= 1;
  }
  return { kind: 'operator', text: sql.slice(start, end), end };
}

function opensComment(sql: string, at: number): boolean {
  return sql.startsWith('--', at) || sql.startsWith('/*', at);
}

const punctuationMarks = '(),;[].';

/** One mark, or `::` or `:=`. The colon of `:name` stands alone: in `a[1:f(2)]` what follows it is a call. */
function punctuationAt(sql: string, start: number): Token {
  const pair = sql.slice(start, start + 2);
  const text = pair === '::' || pair === ':=' ? pair : pair.slice(0, 1);
  return { kind: 'punctuation', text, end: start + text.length };
}
