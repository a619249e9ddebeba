/** Statements for which an ERROR does not mean "rolled back", and those that cannot be sent again. */
import { describe, expect, test } from '@jest/globals';
import { commitsItself, replayRefusal } from '../src/sql/self-committing.js';

describe('commits by itself', () => {
  test.each([
    'call p()',
    'CALL mine.p(1);',
    '/* why */ call p()',
    'do $$ begin commit; end $$',
    "do language plpgsql 'begin end'",
    'vacuum',
    'vacuum (full, analyze) t',
    'analyze',
    'analyse verbose t',
    'cluster',
    'cluster t using i',
    'reindex database d',
    'reindex (verbose, concurrently) table t',
    'reindex index concurrently i',
    'repack t',
    'create index concurrently i on t (a)',
    'CREATE UNIQUE INDEX /* slow */ CONCURRENTLY IF NOT EXISTS i ON t (a)',
    'drop index concurrently if exists i',
    'alter table p detach partition q concurrently',
    'create database d',
    'drop database if exists d',
    'alter database d set tablespace x',
    "create tablespace x location '/x'",
    'drop tablespace x',
    "alter system set work_mem = '1MB'",
    "create subscription s connection '' publication p",
    'alter subscription s refresh publication',
    'drop subscription s',
    'discard all',
    'checkpoint',
    "copy t to '/x'",
    "copy t from program 'x'",
    'begin',
    'start transaction',
    'commit',
    'end',
    'rollback',
    'savepoint a',
    'rollback to a',
    "prepare transaction 'a'",
    "commit prepared 'a'",
    "rollback prepared 'a'",
  ])('%s', (sql) => {
    expect(commitsItself(sql)).toBe(true);
    expect(replayRefusal(sql)).toEqual(expect.any(String));
  });

  test.each([
    'insert into t values (1); insert into t values (2)',
    'select 1; -- one\n select 2',
    "insert into t values (';'); commit",
    'create function f() returns int begin atomic select 1; select 2; end',
    "insert into t values ('\\'); insert into t values ('; --')",
    "insert into t values ('a",
    "insert into t values (E'a\\')",
    'insert into "t values (1)',
    'insert into t values ($a$ b $b$)',
    'insert into t /* values (1)',
    'insert into t values (1',
    'insert into t values (1))',
    'insert into t values )1(',
    'insert into t values ({a})',
    'insert into t \0',
    'frobnicate t',
    '"call"',
    '?? t',
    '1',
  ])('in doubt: %s', (sql) => {
    expect(commitsItself(sql)).toBe(true);
  });
});

describe('is undone by an error', () => {
  test.each([
    '',
    ';',
    '-- vacuum',
    'select 1',
    'select 1;;',
    '(select 1)',
    'with a as (insert into t values (1) returning *) select * from a;',
    "insert into t values ('call; do; vacuum', $$; commit; $$)",
    'insert into t (a) values (?), (:b)',
    "insert into t values ('C:\\x', E'\\'; call p()')",
    'update t set a = 1 -- ; vacuum',
    'delete from t /* ; vacuum */;',
    'merge into t using u on true when matched then do nothing',
    'insert into t values (1) on conflict do nothing',
    'insert into "do" values (1)',
    'select call, vacuum from "do"',
    'create table t (a int) tablespace x',
    'create table subscription (a int)',
    'create index i on t (a)',
    'create function f() returns int language sql as $$ select 1; select 2 $$',
    'alter table t add b int',
    "alter database d set work_mem = '1MB'",
    'drop table t',
    'refresh materialized view concurrently v',
    'truncate t',
    'listen c',
    'unlisten *',
    "notify c, 'x'",
    'discard temp',
    'prepare p as insert into t values (1)',
    'execute p',
    'explain analyze insert into t values (1)',
    'lock table t',
    'set a.b = 1',
  ])('%s', (sql) => {
    expect(commitsItself(sql)).toBe(false);
    expect(replayRefusal(sql)).toBeUndefined();
  });

  test.each([
    'copy t from stdin',
    'copy t (a) FROM STDIN with (format csv)',
    'copy (select 1) to stdout',
  ])('but cannot be sent again: %s', (sql) => {
    expect(commitsItself(sql)).toBe(false);
    expect(replayRefusal(sql)).toContain('COPY');
  });
});

test('the refusal names the reason', () => {
  expect(replayRefusal('call p()')).toBe('the procedure may commit inside');
  expect(replayRefusal('select 1; select 2')).toContain('several statements');
  expect(replayRefusal("select '")).toContain('cannot be read to its end');
  expect(replayRefusal('frobnicate')).toContain('no statement that Carom knows');
  expect(replayRefusal('commit')).toContain('begun by hand');
});
