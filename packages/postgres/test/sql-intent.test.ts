/** A statement counts as read-only only when that is beyond doubt. */
import { describe, expect, test } from '@jest/globals';
import { isReadOnly } from '../src/sql/intent.js';
import { doubted, readOnly, writing } from './sql-cases.js';

describe('read-only beyond doubt', () => {
  test.each(readOnly)('%s', (sql) => {
    expect(isReadOnly(sql)).toBe(true);
  });

  test.each([
    'select * from "users" where "id" = ? and "data" \\? ? limit ?',
    'select * from t where a = ? and b in (?, ?) and c between ?::int and ?',
    'select * from users where id = :id and name = any(:names::text[])',
    'select * from users where id = $1 and data ? $2 and tags ?| array[$3]',
  ])('with the placeholders of Knex or pg: %s', (sql) => {
    expect(isReadOnly(sql)).toBe(true);
  });
});

describe('not read-only', () => {
  test.each(writing)('it writes, calls or locks: %s', (sql) => {
    expect(isReadOnly(sql)).toBe(false);
  });

  test.each(doubted)('in doubt: %s', (sql) => {
    expect(isReadOnly(sql)).toBe(false);
  });

  test.each([' for update', '; delete from t', " union select nextval('s')", ', touch()'])(
    'a read-only statement with %s behind it is none',
    (tail) => {
      for (const sql of ['select a from t', 'select "a" from t', "select 'a'", 'select (a)']) {
        expect(isReadOnly(sql)).toBe(true);
        expect(isReadOnly(sql + tail)).toBe(false);
      }
    },
  );
});
