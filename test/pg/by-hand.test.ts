/** Transactions that a caller begins by hand on a client of the pool: passed through, with their COMMIT guarded. */
import { type CaromPool, wrapPool } from '@carom/pg';
import { type ExecutionOptions, outcomeOf } from '@carom/postgres';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { settled } from '../contract/world.js';
import { createStage } from '../stage.js';

const stage = createStage();
let pool: CaromPool;

beforeEach(async () => {
  await stage.cluster.primary.query('DROP TABLE IF EXISTS marks; CREATE TABLE marks (mark text)');
  pool = open();
});
afterEach(async () => {
  await pool.end();
});

function open(options?: ExecutionOptions): CaromPool {
  const { host, port } = stage.proxy;
  return wrapPool(new pg.Pool({ ...stage.cluster.primary.config, host, port, max: 2 }), options);
}

async function marks(): Promise<readonly string[]> {
  const { rows } = await stage.cluster.primary.query<{ mark: string }>(
    'SELECT mark FROM marks ORDER BY 1',
  );
  return rows.map(({ mark }) => mark);
}

const insert = (mark: string) => ({ text: 'INSERT INTO marks VALUES ($1)', values: [mark] });

test.each([
  { when: 'before', outcome: 'rolled-back', rows: [] },
  { when: 'after-server', outcome: undefined, rows: ['one'] },
  { when: 'after-answer', outcome: undefined, rows: ['one'] },
] as const)('COMMIT cut $when is settled', async ({ when, outcome, rows }) => {
  const client = await pool.connect();
  await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
  await client.query(insert('one'));
  const fault = stage.proxy.inject({ kind: 'cut', when, at: 'COMMIT' });
  const { value, error } = await settled(client.query('COMMIT'));
  await fault.settled;
  client.release();
  expect(outcomeOf(error)).toBe(outcome);
  expect(value?.command).toBe(outcome === undefined ? 'COMMIT' : undefined);
  expect(await marks()).toEqual(rows);
  // The connection that was given up is not the pool's any more.
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

test('in the callback form, sent without waiting, and twice on one client', async () => {
  const client = await pool.connect();
  for (const mark of ['one', 'two']) {
    const answers: unknown[] = [];
    await new Promise<void>((resolve, reject) => {
      const heard = (error: unknown, result: pg.QueryResult): void => {
        if (error) reject(error as Error);
        answers.push(result?.command);
        if (answers.length === 4) resolve();
      };
      client.query('begin', heard);
      client.query('INSERT INTO marks VALUES ($1)', [mark], heard);
      client.query('COMMIT;', heard);
      client.query('SELECT 1', heard);
    });
    expect(answers).toEqual(['BEGIN', 'INSERT', 'COMMIT', 'SELECT']);
  }
  client.release();
  expect(await marks()).toEqual(['one', 'two']);
});

test('what is sent before COMMIT was answered comes after it, and is in no transaction', async () => {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(insert('one'));
  const commit = client.query('COMMIT');
  const inside = client.query('SELECT pg_current_xact_id_if_assigned() AS xid');
  await commit;
  expect((await inside).rows).toEqual([{ xid: null }]);
  client.release();
});

test('ROLLBACK, savepoints and chains stay what they are', async () => {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(insert('undone'));
  expect((await client.query('ROLLBACK')).command).toBe('ROLLBACK');
  await client.query('BEGIN');
  await client.query('SAVEPOINT here');
  await client.query(insert('undone'));
  await client.query('ROLLBACK TO SAVEPOINT here');
  await client.query(insert('one'));
  await client.query('COMMIT AND CHAIN');
  await client.query(insert('two'));
  await client.query('ROLLBACK');
  client.release();
  expect(await marks()).toEqual(['one']);
});

test('a COMMIT that was answered with ROLLBACK is no success', async () => {
  const client = await pool.connect();
  await client.query('BEGIN');
  const first = await settled(client.query('SELECT 1/0'));
  const { error } = await settled(client.query('COMMIT'));
  client.release();
  expect(error).toMatchObject({ code: 'CAROM_SILENT_ROLLBACK', cause: first.error });
  expect(outcomeOf(error)).toBe('rolled-back');
});

test('a constraint that COMMIT finds broken is the very error of the server', async () => {
  await stage.cluster.primary.query(
    'DROP TABLE IF EXISTS later; CREATE TABLE later (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)',
  );
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query('INSERT INTO later VALUES (1), (1)');
  const { error } = await settled(client.query('COMMIT'));
  expect(error).toMatchObject({ code: '23505' });
  expect(outcomeOf(error)).toBe('rolled-back');
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  client.release();
});

test('when nobody may ask, the client is the plain one, and its error the plain one', async () => {
  await pool.end();
  pool = open({ commit: 'none' });
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(insert('one'));
  const fault = stage.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  const { error } = await settled(client.query('COMMIT'));
  await fault.settled;
  client.release();
  expect((error as Error).message).toBe('Connection terminated unexpectedly');
});

test('a COMMIT about which nobody can be asked in time is unknown, and can be asked about later', async () => {
  await pool.end();
  pool = open({ patience: 50 });
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(insert('one'));
  const fault = stage.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
  stage.proxy.refuse();
  const { error } = await settled(client.query('COMMIT'));
  await fault.settled;
  client.release();
  await stage.proxy.accept();
  expect(error).toMatchObject({ code: 'CAROM_OUTCOME_UNKNOWN', phase: 'commit' });
  expect(await (error as { resolve(): Promise<string> }).resolve()).toBe('committed');
});
