import { describe, expect, test } from '@jest/globals';
import knex from 'knex';
import { isPlainSelect } from '../src/ast.js';
import { intentOf, nameOf, refusalOf } from '../src/intent.js';
import type { Builder } from '../src/internals.js';

const db = knex({ client: 'pg' });
const builder = (it: unknown): Builder => it as Builder;

/** Whether the tree alone says so, and then the intent. */
const read = (it: unknown): [boolean, string] => [
  isPlainSelect(builder(it)),
  intentOf(builder(it)),
];

const items = () => db('items');

describe('provably read-only by its syntax tree', () => {
  test.each<[string, unknown]>([
    ['select', items().select('id', 'v as w').where({ id: 1 }).whereIn('v', [1, 2]).whereNull('x')],
    ['first', items().first()],
    ['pluck', items().pluck('id')],
    ['columnInfo', items().columnInfo()],
    ['aggregates', items().count({ c: '*' }).max('id').groupBy('v').having('v', '>', 1)],
    [
      'joins',
      items()
        .join('a', 'a.id', 'items.id')
        .leftJoin('b', { 'b.id': 'a.id' })
        .innerJoin('c', 'c.id', 'b.id'),
    ],
    ['sub-selects', items().whereIn('id', db('a').select('id')).from(db('b').as('b'))],
    ['unions', items().union([db('a').select('*'), db('b').select('*')])],
    ['CTEs that read', db.with('w', db('a').select('id')).from('w').select('*')],
    ['window functions', items().rank('r', 'id', 'v').rowNumber('n', 'id')],
    ['JSON', items().whereJsonSupersetOf('d', { a: 1 }).jsonExtract('d', '$.a', 'a')],
    ['references', items().select(db.ref('items.id').as('n'))],
    ['values of a class', items().where('at', '>', new Date()).where('b', Buffer.from('x'))],
    [
      'distinct on, order, limit, offset',
      items()
        .distinctOn('v')
        .orderBy(['v', { column: 'id', order: 'desc' }])
        .limit(1)
        .offset(2),
    ],
    ['another schema, a comment, a hint', items().withSchema('s').comment('x').hintComment('y')],
  ])('%s', (_name, it) => {
    expect(read(it)).toEqual([true, 'read']);
  });
});

describe('read-only by what it compiles to', () => {
  test.each<[string, unknown]>([
    ['a harmless raw column', items().select(db.raw('count(*) AS n'))],
    ['a callback', items().where((q) => void q.where('id', 1).orWhereNull('v'))],
    ['whereRaw', items().whereRaw('v = ? OR v = ANY(?)', [1, [2]])],
    [
      'a join by callback',
      items().join('a', (j) => void j.on('a.id', 'items.id').onIn('a.v', [1])),
    ],
    ['raw SQL', db.raw('SELECT * FROM items WHERE id = ?', [1])],
    [
      'raw SQL with names',
      db.raw('SELECT ?? FROM ?? WHERE id = :id'.replace(':id', '?'), ['id', 'items', 1]),
    ],
    ['exists', items().whereExists(db('a').where('a.id', db.ref('items.id')))],
    ['hasTable, hasColumn', db.schema.hasTable('items')],
  ])('%s', (_name, it) => {
    expect(intentOf(builder(it))).toBe('read');
  });
});

describe('everything else is a write', () => {
  test.each<[string, unknown]>([
    ['insert', items().insert({ id: 1 })],
    ['update', items().update({ v: 1 })],
    ['increment', items().increment('v', 1)],
    ['delete', items().del()],
    ['truncate', items().truncate()],
    ['forUpdate', items().forUpdate()],
    ['forShare', items().forShare().first()],
    ['forNoKeyUpdate', items().forNoKeyUpdate().skipLocked()],
    ['forKeyShare', items().forKeyShare()],
    ['a lock in a sub-select', items().whereIn('id', db('a').select('id').forUpdate())],
    [
      'a CTE that changes data',
      db
        .with('w', db('a').insert({ id: 1 }).returning('id'))
        .from('w')
        .select('*'),
    ],
    [
      'the same in raw SQL',
      db.with('w', db.raw('DELETE FROM a RETURNING id')).from('w').select('*'),
    ],
    ['a function of somebody', items().select(db.raw('charge(id)'))],
    ['the same in a condition', items().whereRaw('charge(id)')],
    ['the same in an order', items().orderByRaw('charge(id)')],
    ['the same from a callback', items().where((q) => void q.whereRaw('charge(id)'))],
    ['the same in a union', items().union([db.raw('SELECT charge(1)')])],
    ['the same in a join', items().joinRaw('JOIN charge(1) ON true')],
    ['the same around a reference', items().select(db.ref('id').wrap('charge(', ')') as never)],
    ['the same as a value', items().where('id', db.raw('charge(1)'))],
    ['the same in a list', items().whereIn('id', [1, db.raw('charge(1)') as unknown as number])],
    ['the same as a table', db(db.raw('charge(1)') as unknown as string)],
    ['the same in having', items().groupBy('v').havingRaw('charge(v) > 0')],
    ['raw SQL that writes', db.raw('UPDATE items SET v = 1')],
    ['raw SQL that calls', db.raw('SELECT charge(1)')],
    ['two statements', db.raw('SELECT 1; SELECT 2')],
    [
      'what cannot be compiled',
      items()
        .where('id', undefined as unknown as number)
        .select(db.raw('1')),
    ],
    ['a change of the schema', db.schema.createTable('a', () => {})],
    [
      'a question and a change',
      (db.schema as unknown as { hasTable(n: string): { dropTable(n: string): unknown } })
        .hasTable('a')
        .dropTable('a'),
    ],
    ['raw SQL in a schema', db.schema.raw('SELECT 1')],
  ])('%s', (_name, it) => {
    expect(read(it)).toEqual([false, 'write']);
  });

  test('a tree that holds itself is read to its end', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    expect(isPlainSelect(builder(items().where('d', value as never)))).toBe(true);
  });
});

describe('what may not be sent again', () => {
  test.each<[string[], RegExp | undefined]>([
    [[], undefined],
    [['INSERT INTO a VALUES ($1)'], undefined],
    [['CALL p()'], /procedure/],
    [['SELECT 1', 'create table a ()'], undefined],
    [['create table a ()', 'create index on a (b)'], /are done and stay done/],
    [['create table a ()', 'SELECT 1'], /are done and stay done/],
  ])('%j', (texts, why) => {
    const refusal = refusalOf(texts.map((sql) => ({ sql })));
    if (why === undefined) expect(refusal).toBeUndefined();
    else expect(refusal).toMatch(why);
  });
});

describe('the name of a shot', () => {
  test.each<[unknown, string]>([
    [items().insert({ id: 1 }), 'items.insert'],
    [items().first(), 'items.first'],
    [db.select(db.raw('1')), 'select'],
    [db(db('a').as('a')).select(), 'select'],
    [db.raw("SELECT 'secret'"), 'raw'],
    [db.schema.dropTable('a'), 'schema'],
  ])('%# is %s', (it, name) => {
    expect(nameOf(builder(it))).toBe(name);
  });
});
