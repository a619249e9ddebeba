/** What the scoreboard tells of a real database: lost COMMITs, and connections that are thrown away. */
import { type CaromPool, scoreboard, wrapPool } from '@carom/pg';
import type { DatabaseEvents, ExecutionOptions } from '@carom/postgres';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { settled } from '../contract/world.js';
import { createStage } from '../stage.js';

const stage = createStage();
const pools: CaromPool[] = [];
const stops: (() => void)[] = [];
let heard: { readonly event: string; readonly detail: object }[];

beforeEach(async () => {
  await stage.cluster.primary.query(
    'DROP TABLE IF EXISTS marks; CREATE TABLE marks (mark text UNIQUE)',
  );
  heard = [];
  const names = [
    'outcomeResolved',
    'outcomeUnknown',
    'connectionDiscarded',
    'poolDrained',
  ] as const;
  for (const event of [...names, 'shotRetry', 'shotFailed'] as const) {
    stops.push(scoreboard.on(event, (detail) => heard.push({ event, detail })));
  }
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  for (const pool of pools.splice(0)) await pool.end();
});

function open(options: ExecutionOptions = {}, more: pg.PoolConfig = {}): CaromPool {
  const { host, port } = stage.proxy;
  const config = { ...stage.cluster.primary.config, host, port, max: 2, ...more };
  const pool = wrapPool(new pg.Pool(config), { datasource: 'orders', ...options });
  pools.push(pool);
  return pool;
}

const names = (): readonly string[] => heard.map(({ event }) => event);
function told<E extends keyof DatabaseEvents>(event: E): DatabaseEvents[E] | undefined {
  return heard.find((one) => one.event === event)?.detail as DatabaseEvents[E] | undefined;
}
const secret = 'a secret value';
const insert = (client: pg.PoolClient) => client.query('INSERT INTO marks VALUES ($1)', [secret]);

describe('a lost COMMIT', () => {
  test('that was done after all: resolved, and its connection discarded', async () => {
    const fault = stage.proxy.inject({ kind: 'cut', when: 'after-server', at: 'COMMIT' });
    await open().transaction(insert);
    await fault.settled;
    expect(names()).toEqual(['outcomeResolved', 'connectionDiscarded']);
    expect(told('outcomeResolved')).toEqual({
      ...{ datasource: 'orders', outcome: 'committed', level: 'xid', late: false },
      ...{ duration: expect.any(Number), decision: 'settle', why: expect.any(String) },
    });
    expect(told('connectionDiscarded')).toMatchObject({
      ...{ datasource: 'orders', operation: 'transaction', phase: 'commit' },
      ...{ decision: 'discard', why: 'its COMMIT was not answered' },
    });
  });

  test('that was undone: resolved, and played again, with the phase in which it was lost', async () => {
    const fault = stage.proxy.inject({ kind: 'cut', when: 'before', at: 'COMMIT' });
    await open().transaction(insert);
    await fault.settled;
    expect(names()).toEqual(['outcomeResolved', 'connectionDiscarded', 'shotRetry']);
    expect(told('outcomeResolved')).toMatchObject({ outcome: 'rolled-back' });
    expect(heard[2]?.detail).toMatchObject({
      ...{ operation: 'transaction', datasource: 'orders', attempt: 1, phase: 'commit' },
      verdict: { outcome: 'rolled-back' },
    });
  });

  test('that nobody asks about is unknown', async () => {
    const fault = stage.proxy.inject({ kind: 'cut', when: 'after-server', at: 'COMMIT' });
    const { error } = await settled(open({ commit: 'none' }).transaction(insert));
    await fault.settled;
    expect(names()).toEqual(['connectionDiscarded', 'outcomeUnknown', 'shotFailed']);
    const event = told('outcomeUnknown');
    expect(event?.error).toBe(error);
    expect(event).toMatchObject({
      ...{ datasource: 'orders', operation: 'transaction', attempts: 1, phase: 'commit' },
      ...{ resolvable: false, decision: 'stop', why: expect.any(String) },
    });
    expect(JSON.stringify(event)).not.toContain('error');
  });
});

test('a lost statement: the connection of that attempt, why, and what it was lost in', async () => {
  const pool = open();
  const fault = stage.proxy.inject({ kind: 'cut', when: 'before', at: 'statement' });
  await pool.query('SELECT 1');
  await fault.settled;
  expect(names()).toEqual(['connectionDiscarded', 'shotRetry']);
  expect(told('connectionDiscarded')).toMatchObject({
    ...{ datasource: 'orders', operation: 'query', attempt: 1, phase: 'statement' },
    ...{ verdict: { kind: 'outage' }, decision: 'discard' },
  });
});

test('a server that is read-only: the pool is drained', async () => {
  const pool = open({ retries: 1 }, { options: '-c default_transaction_read_only=on' });
  const { error } = await settled(pool.query('INSERT INTO marks VALUES (1)'));
  expect(error).toMatchObject({ code: '25006' });
  expect(names()).toEqual([
    ...['connectionDiscarded', 'poolDrained', 'shotRetry'],
    ...['connectionDiscarded', 'poolDrained', 'shotFailed'],
  ]);
  expect(told('poolDrained')).toMatchObject({
    ...{ datasource: 'orders', verdict: { code: '25006' }, code: '25006', decision: 'drain' },
  });
  expect(heard.at(-1)?.detail).toMatchObject({ code: '25006', decision: 'stop' });
});

test('a connection that could not be made was not thrown away', async () => {
  const pool = open();
  const fault = stage.proxy.inject({ kind: 'cut', when: 'before', at: 'connect' });
  await pool.query('SELECT 1');
  await fault.settled;
  expect(names()).toEqual(['shotRetry']);
  // What the verdict asks for has nothing to be done to.
  expect(heard[0]?.detail).toMatchObject({ phase: 'acquire', verdict: { connection: 'discard' } });
});

test('no event shows a value, a statement, a password or a host', async () => {
  const pool = open();
  await pool.query('INSERT INTO marks VALUES ($1)', [secret]);
  const { error } = await settled(pool.query('INSERT INTO marks VALUES ($1)', [secret]));
  expect((error as pg.DatabaseError).detail).toContain(secret);
  await settled(pool.transaction(insert));
  await settled(open({ retries: 0 }, { port: 1 }).query('SELECT 1'));
  expect(names()).toEqual(['shotFailed', 'shotFailed', 'shotFailed']);
  const shown = JSON.stringify(heard);
  for (const word of [secret, 'INSERT', stage.cluster.primary.config.password, stage.proxy.host]) {
    expect(shown).not.toContain(word);
  }
  expect(shown).toContain('23505');
});
