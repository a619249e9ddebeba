/** What holds for every text, not just for those somebody thought of. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isReadOnly } from '../src/sql/intent.js';
import { commitsItself, replayRefusal } from '../src/sql/self-committing.js';
import { transactionControl } from '../src/sql/transaction-control.js';
import { readOnly, writing } from './sql-cases.js';

const strings = [
  "'a'",
  "'it''s; commit'",
  "E'\\'; commit'",
  '$$; commit$$',
  '$q$ $$ ; $q$',
  "'\\n'",
];

const pieces = [
  ...strings,
  ...'select from where with as insert update for share into begin commit end rollback to savepoint'.split(
    ' ',
  ),
  ...'prepare transaction call copy stdin vacuum explain analyze values table show distinct on'.split(
    ' ',
  ),
  ...'count nextval pg_catalog mine int over filter cast lower like not join a b t "a" "commit" 1 1.5 $1 ? ?? ?+ <?>'.split(
    ' ',
  ),
  ...'( ) ( ) , ; . : :: = <> - * || [ ]'.split(' '),
];

/** Tokens without two strings side by side: a line break between those makes them one. */
const someTokens = fc
  .array(fc.constantFrom(...pieces), { maxLength: 14 })
  .map((tokens) =>
    tokens.filter(
      (token, at) => !strings.includes(token) || !strings.includes(tokens[at - 1] ?? ''),
    ),
  );

const blank = fc.constantFrom(
  ' ',
  '\n',
  '\t ',
  '/**/',
  "/* ' ; commit */",
  '/* /* " */ $$ */',
  " -- '; commit\n",
  ' --\r',
);

/** The judgement of all questions. */
function judge(sql: string): readonly unknown[] {
  return [isReadOnly(sql), commitsItself(sql), replayRefusal(sql), transactionControl(sql)];
}

describe('any text', () => {
  const characters = fc.constantFrom(...`'"$\\/*-;()?:.,=+@[]{}Ee&uUabxN10 \n\r\0é\u212A\ud800`);
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: characters, maxLength: 60 }),
    someTokens.map((tokens) => tokens.join('')),
  );

  test('is judged without an exception', () => {
    fc.assert(
      fc.property(anything, (sql) => {
        const [reads, commits, refusal] = judge(sql);
        expect(refusal !== undefined || !commits).toBe(true);
        expect(reads && refusal !== undefined).toBe(false);
      }),
      { numRuns: 3_000 },
    );
  });

  test('that only reads neither commits nor controls a transaction', () => {
    fc.assert(
      fc.property(someTokens, (tokens) => {
        const sql = `select 1 ${tokens.join(' ')}`;
        if (isReadOnly(sql)) expect(judge(sql)).toEqual([true, false, undefined, undefined]);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('blanks and comments', () => {
  const spaced = someTokens.chain((tokens) =>
    fc.record({
      tokens: fc.constant(tokens),
      blanks: fc.array(fc.array(blank, { minLength: 1, maxLength: 2 }), {
        minLength: tokens.length + 1,
        maxLength: tokens.length + 1,
      }),
    }),
  );

  test('between tokens change nothing', () => {
    fc.assert(
      fc.property(spaced, ({ tokens, blanks }) => {
        const between = (at: number): string => (blanks[at] ?? []).join('');
        const sql = between(0) + tokens.map((token, at) => token + between(at + 1)).join('');
        expect(judge(sql)).toEqual(judge(tokens.join(' ')));
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a statement more', () => {
  const first = fc.oneof(
    fc.constantFrom(...readOnly.filter((sql) => !sql.includes('--'))),
    someTokens.map((tokens) => `select ${tokens.join(' ')}`),
  );
  const second = fc.oneof(
    fc.constantFrom(...readOnly, ...writing),
    someTokens.map((tokens) => ['x', ...tokens].join(' ')),
  );

  test('behind a semicolon is never read-only', () => {
    fc.assert(
      fc.property(first, second, (one, other) => {
        expect(isReadOnly(`${one};${other}`)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test('that commits is never missed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...readOnly), blank, (one, gap) => {
        const sql = `${one}\n;${gap}commit`;
        expect(transactionControl(sql)).toBe('commit');
        expect(commitsItself(sql)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
