/** Single writes exactly once, and what else is settled through Knex: in the shapes in which Knex is used. */
import {
  commitTokensSql,
  createCommitTokens,
  expireCommitTokens,
  resolveOutcome,
} from '@carom/knex';
import type { OutcomeUnknownError } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import type { Knex } from 'knex';
import { createWorld, failure, poolIsFree, settled } from './world.js';

const world = createWorld();

type Write = (db: Knex) => PromiseLike<unknown>;

const writes: readonly (readonly [string, Write, unknown])[] = [
  ['insert', (db) => db('items').insert({ id: 9_001, v: 1 }).returning('id'), [{ id: 9_001 }]],
  ['update', (db) => db('items').where({ id: 1 }).increment('v', 1), 1],
  ['delete', (db) => db('items').where({ id: 2 }).del(), 1],
  [
    'upsert',
    (db) => db('items').insert({ id: 1, v: 9 }).onConflict('id').merge().returning('v'),
    [{ v: 9 }],
  ],
];

describe.each(['xid', 'fence'] as const)('exactly once, commit: %s', (commit) => {
  test.each(writes)(
    '%s: its answer is that of plain Knex, COMMIT cut or not',
    async (_, write, answer) => {
      for (const when of ['before', 'after-answer'] as const) {
        const { db, plain, pool } = world.open({ commit, exactlyOnce: true });
        await createCommitTokens(plain);
        await db('items').first();
        await world.ask('DELETE FROM items WHERE id = 9001');
        await world.ask('INSERT INTO items (id) VALUES (2) ON CONFLICT DO NOTHING');
        await world.ask('UPDATE items SET v = 0 WHERE id = 1');
        const fault = world.proxy.inject({ kind: 'cut', when, at: 'COMMIT' });
        expect(await write(db)).toEqual(answer);
        await fault.settled;
        const [{ v } = { v: -1 }] = await world.ask<{ v: number }>(
          'SELECT v FROM items WHERE id = 1',
        );
        expect([0, 1, 9]).toContain(v);
        await poolIsFree(pool);
      }
    },
  );
});

test('raw writes too; what commits by itself is not put into a transaction', async () => {
  const { db } = world.open({ exactlyOnce: true });
  await db('items').first();
  const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  const { rowCount } = await db.raw('UPDATE items SET v = v + 1 WHERE id = ?', [3]);
  await fault.settled;
  expect(rowCount).toBe(1);
  expect(await world.ask('SELECT v FROM items WHERE id = 3')).toEqual([{ v: 1 }]);
  const { commits } = world.proxy.seen;
  await db.raw('VACUUM items');
  expect(world.proxy.seen.commits).toBe(commits);
});

test('what breaks a constraint is the error of plain Knex, and the connection goes on', async () => {
  const { db, pool } = world.open({ exactlyOnce: true }, { pool: { min: 0, max: 1 } });
  await db('items').first();
  const { connections } = world.proxy.seen;
  const error = await failure(db('items').insert({ id: 1 }).then());
  expect(error.code).toBe('23505');
  expect(await db('items').where({ id: 1 }).pluck('id')).toEqual([1]);
  expect(world.proxy.seen.connections).toBe(connections);
  await poolIsFree(pool);
});

test('batchInsert is one transaction: its COMMIT is settled', async () => {
  const { db } = world.open();
  await db('items').first();
  const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  const ids = [9_101, 9_102, 9_103];
  await db.batchInsert(
    'items',
    ids.map((id) => ({ id })),
    2,
  );
  await fault.settled;
  expect(await world.items(...ids)).toEqual(ids);
});

test('a fence without its table says so at first use, with the SQL to make it', async () => {
  const { db, plain } = world.open({ commit: 'fence' });
  await plain.raw('DROP SCHEMA IF EXISTS carom CASCADE');
  const error = await failure(db.transaction((trx) => trx('items').insert({ id: 9_201 })));
  expect(error.code).toBe('CAROM_FENCE_MISSING');
  expect(error.message).toContain(commitTokensSql);
  expect(await world.items(9_201)).toEqual([]);
  await createCommitTokens(plain);
  await db.transaction((trx) => trx('items').insert({ id: 9_201 }));
  expect(await world.items(9_201)).toEqual([9_201]);
  expect(await expireCommitTokens(plain, 60_000)).toBe(0);
});

test('an unknown outcome is asked about later, by its ticket', async () => {
  const { db, plain } = world.open({ patience: 50, retries: 0 });
  await db('items').first();
  const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  const { error } = await settled(
    db.transaction(async (trx) => {
      await trx('items').insert({ id: 9_301 });
      world.proxy.refuse();
    }),
  );
  await fault.settled;
  await world.proxy.accept();
  const ticket = JSON.stringify((error as OutcomeUnknownError).ticket);
  expect(await resolveOutcome(ticket, plain)).toBe('committed');
  expect(await resolveOutcome(ticket, db)).toBe('committed');
});
