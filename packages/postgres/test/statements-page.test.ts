/** The page of the documentation about statements says what the tables do. */
import { readFileSync } from 'node:fs';
import { isReadOnly, replayRefusal, transactionControl } from '@carom/postgres';
import { expect, test } from '@jest/globals';

const page = readFileSync(new URL('../../../docs/statements.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
  .filter((cells) => cells.length === 4 && cells[1]?.startsWith('`'))
  .map(([kind = '', example = '', alone = '', inside = '']) => ({
    ...{ kind, alone, inside },
    sql: example.slice(1, -1),
  }));

test('every row is looked at', () => {
  expect(rows.length).toBe(26);
});

test.each(rows)('$kind: $sql', ({ sql, alone, inside }) => {
  const refused = /^(?:refused|not played again)/.test(alone);
  // What the server refuses needs no rule.
  if (!alone.startsWith('the server refuses')) {
    expect(replayRefusal(sql) !== undefined).toBe(refused);
  }
  expect(isReadOnly(sql)).toBe(alone === 'played again, whatever became of it');
  const control = transactionControl(sql);
  const ends = control === 'commit' || control === 'prepare';
  if (inside.startsWith('ends the unit')) expect(ends).toBe(true);
  if (inside.startsWith('part of the unit')) expect(ends).toBe(false);
});
