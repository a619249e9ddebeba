import type { RetryEvent } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { explain, OutcomeUnknownError, outcomeOf } from '@carom/knex';
import { needs } from '@carom/testing';
import { describe, expect, test } from '@jest/globals';
import { createWorld, failure, heldLock, poolIsFree, turnsUntil, waitForLocks } from './world.js';

const world = createWorld();
const insert = { matches: /^insert/i };
const select = { matches: /^select/i };

describe('single statements', () => {
  test('a select whose backend is killed is played again, on another connection', async () => {
    const codes: unknown[] = [];
    const { db } = world.open({ onRetry: ({ verdict }) => void codes.push(verdict.code) });
    const release = await heldLock(world, 'LOCK TABLE items');
    const rows = db('items')
      .where({ id: 1 })
      .select('id')
      .then((it) => it);
    await waitForLocks(world, 1);
    await world.ask(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    );
    await release();
    expect(await rows).toEqual([{ id: 1 }]);
    expect(codes).toEqual(['57P01']);
  });

  test('an insert whose backend is killed before it was complete is played again', async () => {
    const { db } = world.open();
    const release = await heldLock(world, 'LOCK TABLE items');
    const done = db('items')
      .insert({ id: 5_000 })
      .then((it) => it);
    await waitForLocks(world, 1);
    await world.ask(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    );
    await release();
    expect(await done).toMatchObject({ rowCount: 1 });
    expect(await world.items(5_000)).toEqual([5_000]);
  });

  test('an insert whose answer is lost is unknown, with the error of the driver as its cause', async () => {
    const { db } = world.open();
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: insert });
    const error = await failure(db('items').insert({ id: 5_001 }).then());
    await fault.settled;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect((error.cause as Error).message).toMatch(/Connection terminated unexpectedly$/);
    expect(error.message).not.toMatch(/insert|5001/);
    expect([outcomeOf(error), fault.count]).toEqual(['unknown', 1]);
    expect(await world.items(5_001)).toEqual([5_001]);
  });

  test('declared idempotent, it is played again', async () => {
    const { db } = world.open();
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: insert });
    const work = db
      .carom({ idempotent: true })('items')
      .insert({ id: 5_002 })
      .onConflict('id')
      .ignore();
    expect(await work.then((it) => it)).toMatchObject({ rowCount: 0 });
    expect(fault.count).toBe(1);
  });

  needs('stop', test)('an insert waits for a server that is down, and is done once', async () => {
    const clock = new ManualClock();
    const { db } = world.open({ clock });
    await world.cluster.primary.stop('immediate');
    const done = db('items')
      .insert({ id: 5_003 })
      .then((it) => it);
    await turnsUntil(() => clock.pending > 0);
    await world.cluster.primary.start();
    await clock.advance(10_000);
    expect(await done).toMatchObject({ rowCount: 1 });
    expect(await world.items(5_003)).toEqual([5_003]);
  });

  test('the pool never lends a connection that was found dead: 60 kills, no failure', async () => {
    let bounces = 0;
    const { db } = world.open({ onRetry: () => void bounces++ }, { pool: { min: 0, max: 1 } });
    const read = () => db('items').where({ id: 1 }).first();
    for (let round = 0; round < 60; round++) {
      const row = await db.select(db.raw('pg_backend_pid() AS pid')).first();
      const killed = world.ask('SELECT pg_terminate_backend($1)', [row.pid]);
      await Promise.all([killed, read()]);
      await read();
    }
    expect(bounces).toBeGreaterThan(0);
  }, 30_000);

  test('a connection on which `query_timeout` ran out is not used again', async () => {
    const { db } = world.open(
      { retries: 0 },
      { connection: { ...world.config(), query_timeout: 100 }, pool: { min: 0, max: 1 } },
    );
    const { rows } = await db.raw('SELECT pg_backend_pid() AS pid');
    const error = await failure(db.raw('SELECT pg_sleep(5)').then());
    expect(error.message).toMatch(/Query read timeout$/);
    const after = await db.raw('SELECT pg_backend_pid() AS pid');
    expect(after.rows[0].pid).not.toBe(rows[0].pid);
  });

  test.each([{ cancel: true }, { cancel: false }])(
    'nor one on which a `.timeout()` of the builder ran out (%o)',
    async (options) => {
      const { db } = world.open({}, { pool: { min: 0, max: 1 } });
      const { rows } = await db.raw('SELECT pg_backend_pid() AS pid');
      const error = await failure(db.raw('SELECT pg_sleep(5)').timeout(50, options).then());
      expect([error.name, error.message]).toEqual([
        'KnexTimeoutError',
        'Defined query timeout of 50ms exceeded when running query.',
      ]);
      const after = await db.raw('SELECT pg_backend_pid() AS pid');
      expect(after.rows[0].pid).not.toBe(rows[0].pid);
    },
  );

  test('a write that ran into `.timeout()` is unknown', async () => {
    const { db } = world.open();
    const release = await heldLock(world, 'LOCK TABLE items');
    const error = await failure(db('items').insert({ id: 5_004 }).timeout(50).then());
    await release();
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error.cause).toMatchObject({ name: 'KnexTimeoutError' });
  });

  test('a full pool is waited for; in the end the error is that of Knex, with its SQL', async () => {
    const { db } = world.open({ retries: 1 }, { pool: { min: 0, max: 1 } });
    const trx = await db.transaction();
    db.client.pool.acquireTimeoutMillis = 20;
    const error = await failure(db.raw('SELECT 1').then());
    await trx.rollback();
    expect(error).toMatchObject({ name: 'KnexTimeoutError', sql: 'SELECT 1' });
    expect(outcomeOf(error)).toBe('not-executed');
    expect(explain(error)).toMatchObject({ why: expect.stringContaining('patience') });
  });

  test('an error of the server is the very object that Knex told its listeners of', async () => {
    const { db } = world.open();
    const told: unknown[] = [];
    db.on('query-error', (error) => told.push(error));
    const error = await failure(db('items').insert({ id: 1 }).then());
    expect(told).toHaveLength(1);
    expect(error).toBe(told[0]);
    expect([error.code, outcomeOf(error)]).toEqual(['23505', 'rolled-back']);
  });

  test('what cannot be compiled is not sent, and costs no connection', async () => {
    const { db, pool } = world.open();
    await db('items').first();
    const before = world.proxy.seen;
    const error = await failure(db('items').where({ id: undefined }).then());
    expect(error.message).toMatch(/^Undefined binding\(s\)/);
    const mine = new Error('mine');
    const thrown = await failure(
      db('items')
        .where(() => {
          throw mine;
        })
        .then(),
    );
    expect(thrown).toBe(mine);
    expect([outcomeOf(error), outcomeOf(mine)]).toEqual(['not-executed', 'not-executed']);
    await db('items').first();
    expect(world.proxy.seen.queries - before.queries).toBe(1);
    expect(world.proxy.seen.connections).toBe(before.connections);
    await poolIsFree(pool);
  });

  test('`whenResult` is asked about the answer itself', async () => {
    const asked: unknown[] = [];
    const whenResult = (answer: unknown): boolean => asked.push(answer) < 2;
    const { db } = world.open({ whenResult, baseDelay: 0 });
    const rows = await db.select(db.raw('1 AS one'));
    expect(asked).toEqual([rows, rows]);
  });

  test('a failing `postProcessResponse` is no failure of the database', async () => {
    const mine = new Error('mine');
    let armed = false;
    const { db } = world.open(
      {},
      {
        postProcessResponse: (rows) => {
          if (armed) throw mine;
          return rows;
        },
      },
    );
    await db('items').first();
    const before = world.proxy.seen.connections;
    armed = true;
    const error = await failure(db('items').insert({ id: 5_005 }).then());
    armed = false;
    expect(error).toBe(mine);
    expect(outcomeOf(error)).toBe('committed');
    expect(await world.items(5_005)).toEqual([5_005]);
    await db('items').first();
    expect(world.proxy.seen.connections).toBe(before);
  });
});

describe('what commits by itself', () => {
  const conflict = "RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'";

  test('a procedure that had committed is not called again', async () => {
    await world.ask(
      `CREATE OR REPLACE PROCEDURE half(n int) LANGUAGE plpgsql AS
       $$ BEGIN INSERT INTO items VALUES (n); COMMIT; ${conflict}; END $$`,
    );
    const { db } = world.open();
    const error = await failure(db.carom({ idempotent: true }).raw('CALL half(?)', [6_000]).then());
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect([(error.cause as { code?: string }).code, outcomeOf(error)]).toEqual([
      '40001',
      'unknown',
    ]);
    expect(explain(error)).toMatchObject({ attempts: 1, taint: 'the procedure may commit inside' });
    expect(await world.items(6_000)).toEqual([6_000]);
  });

  test('a text of several statements is not sent again', async () => {
    const { db } = world.open();
    await db('items').first();
    const before = world.proxy.seen.queries;
    const sql = `INSERT INTO items VALUES (6001); COMMIT; DO $$ BEGIN ${conflict}; END $$`;
    const error = await failure(db.raw(sql).then());
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect([(error.cause as { code?: string }).code, outcomeOf(error)]).toEqual([
      '40001',
      'unknown',
    ]);
    expect(world.proxy.seen.queries - before).toBe(1);
    expect(await world.items(6_001)).toEqual([6_001]);
  });

  test('a schema builder that failed in its second statement is not played again', async () => {
    await world.ask('DROP TABLE IF EXISTS made');
    await world.ask(
      `CREATE OR REPLACE FUNCTION refuse() RETURNS int LANGUAGE plpgsql AS $$ BEGIN ${conflict}; END $$`,
    );
    const { db } = world.open();
    const work = db.carom({ idempotent: true }).schema.createTable('made', (t) => {
      t.increments();
    });
    const error = await failure(work.raw('SELECT refuse()').then());
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect([(error.cause as { code?: string }).code, outcomeOf(error)]).toEqual([
      '40001',
      'unknown',
    ]);
    expect(explain(error)?.taint).toMatch(/earlier statements .* are done and stay done/);
    expect(await db.schema.hasTable('made')).toBe(true);
  });

  test('one that lost its connection in the second is unknown', async () => {
    await world.ask('DROP TABLE IF EXISTS made');
    const { db } = world.open();
    world.proxy.inject({ kind: 'cut', when: 'before', at: { matches: /^create index/i } });
    const work = db.schema.createTable('made', (t) => {
      t.increments();
      t.integer('a').index();
    });
    const error = await failure(work.then());
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(await db.schema.hasTable('made')).toBe(true);
  });

  test('one that was undone in its first statement is played again', async () => {
    const release = await heldLock(world, 'LOCK TABLE items');
    const codes: unknown[] = [];
    const onRetry = ({ verdict }: RetryEvent): void => {
      if (codes.push(verdict.code) === 1) void release();
    };
    const { db } = world.open({ onRetry }, { pool: { min: 0, max: 1 } });
    await db.raw("SET lock_timeout = '20ms'");
    await db.schema
      .raw('ALTER TABLE items RENAME TO things')
      .raw('ALTER TABLE things RENAME TO items');
    expect(new Set(codes)).toEqual(new Set(['55P03']));
  });

  test('a question about the schema is a read', async () => {
    const { db } = world.open();
    await db('items').first();
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: select });
    expect(await db.schema.hasTable('items')).toBe(true);
    expect(fault.count).toBe(1);
  });
});
