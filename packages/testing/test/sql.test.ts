/** Transaction commands in SQL text, and what only looks like one. */
import { describe, expect, test } from '@jest/globals';
import { type TransactionCommand, transactionCommands } from '../src/proxy/sql.js';

const cases: readonly (readonly [sql: string, commands: readonly TransactionCommand[]])[] = [
  ['COMMIT', ['COMMIT']],
  ['commit;', ['COMMIT']],
  ['  \n Commit  ; ', ['COMMIT']],
  ['/* trace: 1 */ commit -- done', ['COMMIT']],
  ['-- note\ncommit', ['COMMIT']],
  ['/* a /* nested; */ b; */ end', ['COMMIT']],
  ['END TRANSACTION', ['COMMIT']],
  ['commit and chain', ['COMMIT']],
  ["COMMIT PREPARED 'x'", ['COMMIT']],
  ['begin', ['BEGIN']],
  ['START TRANSACTION ISOLATION LEVEL SERIALIZABLE', ['BEGIN']],
  ['rollback', ['ROLLBACK']],
  ['ABORT', ['ROLLBACK']],
  ['rollback to savepoint s', []],
  ['ROLLBACK WORK TO s', []],
  ['rollback and no chain', ['ROLLBACK']],
  ['begin; insert into t values (1); commit;', ['BEGIN', 'COMMIT']],
  ["insert into t values ('; commit;')", []],
  ["insert into t values ('it''s; commit')", []],
  ["insert into t values (E'\\'; commit; --')", []],
  ['select ";commit;" from t', []],
  ['do $$ begin commit; end $$', []],
  ['do $x$ ; commit; $$ ; commit $x$; commit', ['COMMIT']],
  ['create function f() returns int begin atomic; select 1; end; commit', []],
  ['select $1; end', ['COMMIT']],
  ['select 1 as commit', []],
  ['committed', []],
  ['', []],
  ["select 'never ends; commit", ['COMMIT']],
  ['/* never ends; commit', []],
  ['$$ never ends; commit', []],
];

describe('transactionCommands', () => {
  test.each(cases)('%j', (sql, commands) => {
    expect(transactionCommands(sql)).toEqual(commands);
  });

  test('a long text takes no long time', () => {
    const rows = `insert into t values ${"('it''s', E'\\\\', \"x\"), ".repeat(100_000)}; commit`;
    const start = performance.now();
    expect(transactionCommands(rows)).toEqual(['COMMIT']);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
