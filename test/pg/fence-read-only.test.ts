/** A READ ONLY transaction has no token: the server would refuse it, and the caller's work with it. */
import { type CaromPool, wrapPool } from '@carom/pg';
import { commitTokensSql } from '@carom/postgres';
import { afterEach, expect, test } from '@jest/globals';
import pg, { type PoolClient } from 'pg';
import { settled } from '../contract/world.js';
import { createStage } from '../stage.js';

const stage = createStage({
  schema: [
    commitTokensSql,
    `CREATE TABLE marks (mark text);
  CREATE FUNCTION look() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'seen'; END $$`,
  ],
});
let pool: CaromPool;

afterEach(async () => {
  await pool.end();
  await stage.cluster.primary.query('TRUNCATE marks, carom.commit_tokens');
});

function open(options?: string): CaromPool {
  const { host, port } = stage.proxy;
  const config = { ...stage.cluster.primary.config, host, port, max: 1 };
  pool = wrapPool(new pg.Pool(options === undefined ? config : { ...config, options }), {
    commit: 'fence',
  });
  return pool;
}

const count = async (table: string): Promise<number> =>
  (await stage.cluster.primary.query(`SELECT FROM ${table}`)).rows.length;

/** What nobody can tell to be harmless, without parameters and with them. */
const looks: Readonly<Record<string, (client: PoolClient) => Promise<pg.QueryResult>>> = {
  'a function': (client) => client.query('SELECT look() AS it'),
  'a function behind a comment': (client) => client.query('/* report */ SELECT look() AS it'),
  'a function, with parameters': (client) =>
    client.query('WITH it AS (SELECT look() AS it) SELECT it FROM it WHERE $1', [true]),
};

test.each(Object.keys(looks))('by hand, with BEGIN READ ONLY: %s', async (name) => {
  const client = await open().connect();
  await client.query('BEGIN READ ONLY');
  const seen = await settled(looks[name]?.(client) ?? Promise.reject(new Error(name)));
  const end = await settled(client.query('COMMIT'));
  client.release();
  expect([seen.value?.rows, end.value?.command]).toEqual([[{ it: 'seen' }], 'COMMIT']);
  expect(await count('carom.commit_tokens')).toBe(0);
});

test.each(Object.keys(looks))('by SET TRANSACTION in the callback: %s', async (name) => {
  const work = open().transaction(async (client) => {
    await client.query('SET TRANSACTION READ ONLY');
    return (await looks[name]?.(client))?.rows;
  });
  expect(await settled(work)).toEqual({ value: [{ it: 'seen' }] });
  expect(await count('carom.commit_tokens')).toBe(0);
});

test.each(Object.keys(looks))('by a default of the session: %s', async (name) => {
  open('-c default_transaction_read_only=on');
  const { connections } = stage.proxy.seen;
  let calls = 0;
  const work = pool.transaction(async (client) => {
    calls += 1;
    return (await looks[name]?.(client))?.rows;
  });
  expect(await settled(work)).toEqual({ value: [{ it: 'seen' }] });
  expect([calls, stage.proxy.seen.connections - connections]).toEqual([1, 1]);
  expect(await count('carom.commit_tokens')).toBe(0);
});

test('a transaction that begins READ WRITE against the default has its token', async () => {
  open('-c default_transaction_read_only=on');
  await pool.transaction((client) => client.query('INSERT INTO marks VALUES ($1)', ['one']), {
    readOnly: false,
  });
  expect([await count('marks'), await count('carom.commit_tokens')]).toEqual([1, 1]);
});

test('so has one that is set READ WRITE by a statement', async () => {
  open('-c default_transaction_read_only=on');
  await pool.transaction(async (client) => {
    await client.query('SET TRANSACTION READ WRITE');
    await client.query('INSERT INTO marks VALUES ($1)', ['one']);
  });
  expect([await count('marks'), await count('carom.commit_tokens')]).toEqual([1, 1]);
});

test('a default that nobody saw being set costs one attempt', async () => {
  open();
  await pool.transaction((it) => it.query('SELECT 1'));
  const client = await pool.connect();
  await client.query("SELECT set_config('default_transaction_' || 'read_only', 'on', false)");
  client.release();
  let calls = 0;
  const work = pool.transaction(async (it) => {
    calls += 1;
    return (await it.query('SELECT look() AS it')).rows;
  });
  expect(await settled(work)).toEqual({ value: [{ it: 'seen' }] });
  expect(calls).toBe(2);
});
