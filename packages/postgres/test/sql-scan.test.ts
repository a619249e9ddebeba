/** The tokenizer sees what PostgreSQL's lexer sees, and never reads a text more than a bounded number of times. */
import { describe, expect, test } from '@jest/globals';
import { isReadOnly } from '../src/sql/intent.js';
import { type Reading, tokensOf } from '../src/sql/scan.js';
import { commitsItself } from '../src/sql/self-committing.js';
import { transactionControl } from '../src/sql/transaction-control.js';

const abbreviations = {
  word: 'w',
  quoted: 'q',
  string: 's',
  number: 'n',
  parameter: 'p',
  operator: 'o',
  punctuation: '.',
  unclear: '!',
  end: '$',
};

/** The kinds of a text's tokens in one letter each. */
function kinds(sql: string, reading: Reading = 'ordinary'): string {
  return tokensOf(sql, reading)
    .map((token) => abbreviations[token.kind])
    .join('');
}

/** The texts of a text's tokens. */
function texts(sql: string): readonly string[] {
  return tokensOf(sql, 'ordinary').map((token) => token.text);
}

describe('kinds of tokens', () => {
  test.each([
    ['', ''],
    [' \t\r\n\f\v', ''],
    ['select 1', 'wn'],
    ['a$1$b é\u00a0x _y', 'www'],
    ["'it''s' 'b'", 'ss'],
    ["'a'\n'b'", 's'],
    ["'a' -- on\n -- and on\r 'b' 'c'", 'ss'],
    ["'a' /*\n*/ 'b'", 'ss'],
    ["E'\\'' e'\\\\' E'a''b' n'x' B'01' X'ff' U&'\\0061' u&\"\\0061\"", 'sssssssq'],
    ["U &'a' U& 'a'", 'woswos'],
    ['"a""b" ""', 'qq'],
    ['$$a$$ $t$ $$ $T$ $t$ $é1$a$é1$', 'sss'],
    ['$1 $22 $1a', 'pppw'],
    ['? ?? ?| a=? a?b (?,?) ?::a', 'ooowowow.o.o.o.w'],
    ['a \\? b \\?| c', 'wowow'],
    ['1 1.5 .5 1. 1e3 1E-3 1.5e+3 1e 1..2', 'nnnnnnnnwn.n'],
    ['a::b := c[1:d]', 'w.w.w.n.w.'],
    ['a<-1 a<>-1 a@-1 a->-1 2*-3', 'woonwoonwonwoonnoon'],
    ['a/*x*/b--c', 'ww'],
    ['a*/*x*/b', 'wow'],
    ['a+--b\nc', 'wow'],
  ])('%s', (sql, expected) => {
    expect(kinds(sql)).toBe(expected);
  });

  test.each([
    "'a",
    "'a''",
    "E'a\\'",
    "E'a'\n'\\'",
    '"a',
    '$$a',
    '$a$ $b$',
    '/* /* */',
    '$a b$',
    '$',
    '{',
    '\\',
    '\0',
    '\x07',
    '='.repeat(100),
  ])('unclear: %s', (sql) => {
    expect(kinds(sql)).toMatch(/^!w?!?$/);
  });

  test('a backslash ends a plain string, or does not', () => {
    expect(kinds("'\\' x '")).toBe('sw!');
    expect(kinds("'\\' x '", 'escape')).toBe('s');
    expect(kinds("B'\\' x", 'escape')).toBe('sw');
    expect(kinds("U&'\\' x", 'escape')).toBe('sw');
  });
});

describe('texts of tokens', () => {
  test('words are folded as PostgreSQL folds keywords: ASCII only', () => {
    expect(texts('SeLeCT Ran\u212A ÀB')).toEqual(['select', 'Ran\u212A', 'ÀB']);
  });

  test('operators are cut where PostgreSQL cuts them', () => {
    expect(texts('a?+b <?>c ?-1 a=?b')).toEqual([
      'a',
      '?+',
      'b',
      '<?>',
      'c',
      '?-',
      '',
      'a',
      '=?',
      'b',
    ]);
    expect(texts('a<=-1 || b->>c @-d')).toEqual([
      'a',
      '<=',
      '-',
      '',
      '||',
      'b',
      '->>',
      'c',
      '@-',
      'd',
    ]);
  });

  test('a named placeholder is a colon and a word', () => {
    expect(texts(':name::text')).toEqual([':', 'name', '::', 'text']);
  });
});

describe('each character is read a bounded number of times', () => {
  test.each([
    "'",
    "''",
    "'\\",
    "E'\\'",
    "'a'\n",
    "'a' -- b\n",
    '"',
    '""',
    '/*',
    '/**/',
    '*/',
    '--',
    '--\n',
    '$',
    '$$',
    '$a',
    '$a$',
    '$a$b$',
    '+',
    '+-',
    '=',
    '@',
    '(',
    ')',
    'a(',
    '(a)',
    '.',
    '..',
    'a.',
    '1',
    '1.',
    '1e',
    ';',
    '; ',
    ';a',
    'commit;',
    '?',
    ':',
    '::a',
    ' ',
    '\n',
    'a',
    'é',
    '\u212A',
    '\0',
    '\\',
    '\\?',
    'select ',
    'with a as (',
    'as t (',
    ',(',
  ])('%s', (piece) => {
    const filler = piece.repeat(Math.ceil(4_000 / piece.length));
    for (const text of [
      filler,
      `select ${filler}`,
      `select 1; ${filler}`,
      `select '\\'; ${filler}`,
    ]) {
      const reads = countedReads(text, (sql) => [
        isReadOnly(sql),
        commitsItself(sql),
        transactionControl(sql),
      ]);
      // Three questions, two readings; a text read twice over would make thousands for each character.
      expect(reads / text.length).toBeLessThan(200);
    }
  });

  test('the count notices a text that is read over and over', () => {
    const reads = countedReads('a'.repeat(4_000), (sql) => {
      for (let at = 0; at < sql.length; at += 1) sql.indexOf('b', at);
    });
    expect(reads / 4_000).toBeGreaterThan(1_000);
  });

  test.each(["(a, 'b', $$c$$), ", 'or a = 1 ', '+', '/*', "'", ';a'])(
    'a megabyte of %s',
    (piece) => {
      const sql = `select ${piece.repeat(Math.ceil(1_000_000 / piece.length))}`;
      expect(typeof isReadOnly(sql)).toBe('boolean');
      expect(typeof commitsItself(sql)).toBe('boolean');
      expect(transactionControl(`${sql}; x`)).toBeUndefined();
    },
  );
});

/** How many characters `use` reads of a text that counts. */
function countedReads(text: string, use: (sql: string) => unknown): number {
  let reads = 0;
  const counted: Record<string, unknown> = {
    length: text.length,
    charCodeAt(at: number): number {
      reads += 1;
      return text.charCodeAt(at);
    },
    startsWith(part: string, at: number): boolean {
      reads += part.length;
      return text.startsWith(part, at);
    },
    slice(from: number, to: number): string {
      reads += to - from;
      return text.slice(from, to);
    },
    indexOf(part: string, from = 0): number {
      const found = text.indexOf(part, from);
      reads += (found === -1 ? text.length : found) - from;
      return found;
    },
    includes(part: string): boolean {
      reads += text.length;
      return text.includes(part);
    },
  };
  const proxy = new Proxy(counted, {
    get(target, key): unknown {
      if (typeof key !== 'string') return undefined;
      if (key in target) return target[key];
      reads += 1;
      return text[Number(key)];
    },
  });
  use(proxy as unknown as string);
  return reads;
}
