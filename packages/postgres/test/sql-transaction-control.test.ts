/** What a caller's statement does to the transaction that it is sent in. */
import { describe, expect, test } from '@jest/globals';
import { type TransactionControl, transactionControl } from '../src/sql/transaction-control.js';

describe('single statements', () => {
  const rows: readonly (readonly [string, TransactionControl | undefined])[] = [
    ['begin', 'begin'],
    ['BEGIN;', 'begin'],
    ['begin isolation level serializable read only', 'begin'],
    ['start transaction', 'begin'],
    ['Start /* a */ Transaction isolation level repeatable read;', 'begin'],
    ['commit', 'commit'],
    ['COMMIT;', 'commit'],
    ['commit work', 'commit'],
    ['commit and chain', 'commit'],
    ['commit and no chain', 'commit'],
    ['end', 'commit'],
    ['end transaction;', 'commit'],
    ['-- done\ncommit', 'commit'],
    ['-- done\rcommit', 'commit'],
    ['/* a /* b */ c */commit--', 'commit'],
    ['\t\v\f\r\n commit \n;\t; ', 'commit'],
    ['rollback', 'rollback'],
    ['rollback work;', 'rollback'],
    ['rollback and chain', 'rollback'],
    ['abort', 'rollback'],
    ['abort transaction', 'rollback'],
    ['savepoint a', 'savepoint'],
    ['release a', 'savepoint'],
    ['release savepoint a;', 'savepoint'],
    ['rollback to a', 'savepoint'],
    ['rollback to savepoint a', 'savepoint'],
    ['rollback work to a', 'savepoint'],
    ['ROLLBACK /* not all */ TRANSACTION -- only\n TO SAVEPOINT a', 'savepoint'],
    ["prepare transaction 'a'", 'prepare'],
    ["commit prepared 'a'", 'prepare'],
    ["rollback prepared 'a'", 'prepare'],
    ['prepare p as select 1', undefined],
    ['', undefined],
    [';', undefined],
    [' ; ; ', undefined],
    ['-- commit', undefined],
    ['/* commit */', undefined],
    ['/* commit', undefined],
    ['select 1', undefined],
    ['select commit from t', undefined],
    ['insert into t values (1);', undefined],
    ['set transaction read only', undefined],
    ['call p()', undefined],
    ['do $$ begin commit; end $$', undefined],
    ['"commit"', undefined],
    ["'commit'", undefined],
    ['commits', undefined],
    ['commit$', undefined],
    ['\ufeffcommit', undefined],
    ['roll\u212Aback', undefined],
    ['?', undefined],
  ];

  test.each(rows)('%s: %s', (sql, expected) => {
    expect(transactionControl(sql)).toBe(expected);
  });
});

describe('several statements: the gravest', () => {
  const rows: readonly (readonly [string, TransactionControl | undefined])[] = [
    ['insert into t values (1); commit', 'commit'],
    ['insert into t values (1);commit;', 'commit'],
    ['; commit', 'commit'],
    ['begin; insert into t values (1); commit', 'commit'],
    ['savepoint a; rollback', 'rollback'],
    ['savepoint a; begin', 'begin'],
    ['rollback; begin', 'rollback'],
    ["rollback; prepare transaction 'a'", 'prepare'],
    ["prepare transaction 'a'; commit", 'commit'],
    ['savepoint a; select 1; release a', 'savepoint'],
    ['select 1; select 2', undefined],
    // Quoted, so no statements.
    ["select '; commit'", undefined],
    ["select 'it''s; commit;'; select 1", undefined],
    ["select E'\\'; commit; --'; select 1", undefined],
    ['select "; commit;" from t; select 1', undefined],
    ['select "a""; commit;" from t', undefined],
    ['select $$; commit;$$', undefined],
    ['select $a$; commit; $$; commit; $b$; commit; $a$; select 1', undefined],
    ['do $é_1$ begin; commit; $É_1$; commit; $é_1$', undefined],
    ['select 1 -- ; commit\n; select 2', undefined],
    ['select 1 /* ; commit; /* */ ; commit */', undefined],
    ["select U&'\\; commit;', b'; commit', x'; commit', n'; commit'", undefined],
    ["select E'a' \n -- on \n '\\'; commit'", undefined],
    // Code, though it looks quoted.
    ["select ';'; commit", 'commit'],
    ['select $1; commit; $1', 'commit'],
    ['select a$$; commit; select b$$', 'commit'],
    ['select 1$$a$$; commit', 'commit'],
    ['select $1$$a$$; commit', 'commit'],
    ['select $a b$; commit; $a b$', 'commit'],
    ["select fe'\\'; commit; --'", 'commit'],
    ["select E'a' /* no line break */ '\\'; commit; --'", 'commit'],
    ["select U&'\\'; commit; --'", 'commit'],
    ["select b'\\'; commit; --'", 'commit'],
    ['select 1 --\r; commit', 'commit'],
    ['select 1 -\u002d\u2028; commit\n', undefined],
    ['select 2 */* ; */ 3; commit', 'commit'],
    ['select 2 +-- ; \n 3; commit', 'commit'],
    ['select 1 /* /* */ */; commit /* */', 'commit'],
    ['select "a"; commit; "', 'commit'],
    // One or the other, as the server's settings have it.
    ["select '\\'; commit; --'", 'commit'],
    ["select '\\'''; commit; --'", 'commit'],
    ["select n'\\'; commit; --'", 'commit'],
    ["select '\\'' ; commit; --'", 'commit'],
    ["select n'\\'' ; commit; --'", 'commit'],
    ["insert into t values ('\\'); select '; commit; --'", 'commit'],
    ["select '\\d+'; select 2", undefined],
    // A function's body is taken for statements.
    ['create function f() returns int begin atomic select 1; end', 'commit'],
  ];

  test.each(rows)('%s: %s', (sql, expected) => {
    expect(transactionControl(sql)).toBe(expected);
  });
});
