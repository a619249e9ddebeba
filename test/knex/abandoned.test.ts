import { ManualClock } from '@carom/core/testing';
import { OutcomeUnknownError, outcomeOf } from '@carom/knex';
import { describe, expect, test } from '@jest/globals';
import type { Knex } from 'knex';
import {
  createWorld,
  failure,
  heldLock,
  poolIsFree,
  settled,
  turnsUntil,
  until,
  waitForLocks,
} from './world.js';

const world = createWorld();
const insert = { matches: /^insert/i };

describe('attempts that nobody waits for any more', () => {
  test('a select that hangs: the slot is free at once, the next query is well', async () => {
    const clock = new ManualClock();
    const { db, pool } = world.open({ clock, timeout: 500 }, { pool: { min: 0, max: 1 } });
    await db('items').first();
    world.proxy.inject({ kind: 'blackHole', at: { matches: /^select \*/ } });
    const work = failure(db('items').first().then());
    await turnsUntil(() => clock.pending > 0 && pool.numUsed() === 1);
    await clock.advance(500);
    expect(await work).toMatchObject({ code: 'CAROM_TIMEOUT' });
    expect(pool.numUsed()).toBe(0);
    expect(await db('items').where({ id: 1 }).pluck('id')).toEqual([1]);
  });

  test('an attempt that hangs is given up, and the next one answers', async () => {
    const clock = new ManualClock();
    const { db } = world.open({ clock, attemptTimeout: 500 }, { pool: { min: 0, max: 1 } });
    await db('items').first();
    const fault = world.proxy.inject({ kind: 'blackHole', at: { matches: /^select \*/ } });
    const work = db('items')
      .where({ id: 1 })
      .first()
      .then((it) => it);
    await fault.fired;
    await clock.advance(500);
    // The delay is from 100 to 300 ms, and the next attempt has its own 500.
    await clock.advance(400);
    expect(await work).toEqual({ id: 1, v: 0 });
  });

  test('a write that hangs is unknown', async () => {
    const clock = new ManualClock();
    const { db, pool } = world.open({ clock, timeout: 500 });
    await db('items').first();
    const fault = world.proxy.inject({ kind: 'stall', when: 'after-server', at: insert });
    const work = failure(db('items').insert({ id: 8_000 }).then());
    await fault.fired;
    await clock.advance(500);
    const error = await work;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error.cause).toMatchObject({ code: 'CAROM_TIMEOUT' });
    await poolIsFree(pool);
    world.proxy.resume();
    await fault.settled;
    expect(await world.items(8_000)).toEqual([8_000]);
  });

  test('waiting for a full pool: what comes too late is put back', async () => {
    const clock = new ManualClock();
    const { db, pool } = world.open({ clock, timeout: 500 }, { pool: { min: 0, max: 1 } });
    const trx = await db.transaction();
    const work = failure(db('items').insert({ id: 8_001 }).then());
    await turnsUntil(() => clock.pending > 0);
    // It has begun to wait for a connection: in Carom's room, and not in the pool's queue.
    await new Promise(setImmediate);
    await clock.advance(500);
    const error = await work;
    expect([error.code, outcomeOf(error)]).toEqual(['CAROM_TIMEOUT', 'not-executed']);
    await trx.rollback();
    await poolIsFree(pool);
    expect(await world.items(8_001)).toEqual([]);
  });

  test('a transaction whose callback hangs: undone, its slot free, its trx dead, COMMIT never sent', async () => {
    const clock = new ManualClock();
    const { db, pool } = world.open({ clock, timeout: 500 }, { pool: { min: 0, max: 1 } });
    let handle: Knex.Transaction | undefined;
    let goOn: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const later: unknown[] = [];
    const work = failure(
      db.transaction(async (trx) => {
        await trx('items').insert({ id: 8_002 });
        handle = trx;
        await gate;
        later.push((await settled(trx('items').insert({ id: 8_003 }).then())).error);
      }),
    );
    await turnsUntil(() => handle !== undefined);
    const { commits } = world.proxy.seen;
    await clock.advance(500);
    const error = await work;
    expect([error.code, outcomeOf(error)]).toEqual(['CAROM_TIMEOUT', 'rolled-back']);
    expect(pool.numUsed()).toBe(0);
    // Nobody has touched the pool since, and the server holds no lock for it any more.
    const open = "SELECT FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";
    await until(async () => (await world.ask(open)).length === 0);
    goOn();
    await turnsUntil(() => later.length === 1);
    expect((later[0] as Error).message).toMatch(/^Transaction query already complete/);
    // A statement of somebody else, through the same pool: all that was to come of the old one has come.
    expect(await db('items').where({ id: 1 }).pluck('id')).toEqual([1]);
    expect(world.proxy.seen.commits).toBe(commits);
    expect(await world.items(8_002, 8_003)).toEqual([]);
  });

  test('a COMMIT that hangs is settled, and its slot is free', async () => {
    const clock = new ManualClock();
    const { db, pool } = world.open({ clock, timeout: 500 });
    const fault = world.proxy.inject({ kind: 'stall', when: 'after-server', at: 'COMMIT' });
    const work = db.transaction(async (trx) => {
      await trx('items').insert({ id: 8_008 });
      return 'done';
    });
    await fault.fired;
    await clock.advance(500);
    expect(await work).toBe('done');
    await poolIsFree(pool);
    expect(await world.items(8_008)).toEqual([8_008]);
    world.proxy.resume();
    await fault.settled;
  });

  test('a COMMIT that hangs, and nobody may ask, is unknown, and its slot is free', async () => {
    const clock = new ManualClock();
    const { db, pool } = world.open({ clock, timeout: 500, commit: 'none' });
    const fault = world.proxy.inject({ kind: 'stall', when: 'after-server', at: 'COMMIT' });
    const work = failure(db.transaction((trx) => trx('items').insert({ id: 8_004 })));
    await fault.fired;
    await clock.advance(500);
    const error = await work;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).toMatchObject({ phase: 'commit', cause: { code: 'CAROM_TIMEOUT' } });
    await poolIsFree(pool);
    world.proxy.resume();
    await fault.settled;
    expect(await world.items(8_004)).toEqual([8_004]);
  });

  test('each attempt of a transaction has its own clock; the next one is done once', async () => {
    const clock = new ManualClock();
    const { db } = world.open({ clock, attemptTimeout: 500 });
    const release = await heldLock(world, 'SELECT FROM items WHERE id = 1 FOR UPDATE');
    let calls = 0;
    const work = db.transaction(async (trx) => {
      calls += 1;
      await trx('items').where({ id: 1 }).increment('v', 1);
      return calls;
    });
    await waitForLocks(world, 1);
    await clock.advance(500);
    await turnsUntil(() => clock.pending > 0);
    await release();
    await clock.advance(400);
    expect(await work).toBe(2);
    expect(await world.ask('SELECT v FROM items WHERE id = 1')).toEqual([{ v: 1 }]);
  });

  test('a transaction begun by hand is not taken away from its caller later', async () => {
    const clock = new ManualClock();
    const { db } = world.open({ clock, timeout: 500 });
    const trx = await db.transaction();
    await clock.advance(10_000);
    await trx('items').insert({ id: 8_005 });
    await trx.commit();
    expect(await world.items(8_005)).toEqual([8_005]);
  });

  test('a stream that hangs before its first row', async () => {
    const clock = new ManualClock();
    const { db, pool } = world.open({ clock, timeout: 500 });
    await db('items').first();
    const fault = world.proxy.inject({ kind: 'blackHole', at: { matches: /^select \*/ } });
    const stream = db('items').stream();
    const work = failure(
      (async () => {
        for await (const _row of stream);
      })(),
    );
    await fault.fired;
    await clock.advance(500);
    expect(await work).toMatchObject({ code: 'CAROM_TIMEOUT' });
    expect(pool.numUsed()).toBe(0);
  });

  test('the clocks of a stream stop at its first row: its reader may take his time', async () => {
    const clock = new ManualClock();
    const { db } = world.open({ clock, timeout: 500 });
    let rows = 0;
    for await (const _row of db('items').stream({ batchSize: 10 })) {
      rows += 1;
      if (rows === 20) await clock.advance(10_000);
    }
    expect(rows).toBe(2_000);
  });

  test('nothing that ends late is an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const callers: AbortController[] = [];
    const { db, pool } = world.open();
    const release = await heldLock(world, 'LOCK TABLE items');
    const mine = () => {
      const caller = new AbortController();
      callers.push(caller);
      return db.carom({ signal: caller.signal });
    };
    const works = [
      settled(mine()('items').first().then()),
      settled(mine()('items').insert({ id: 8_006 }).then()),
      settled(mine().transaction((trx) => trx('items').insert({ id: 8_007 }))),
      settled(
        mine()
          .schema.raw('ALTER TABLE items RENAME TO things')
          .raw('ALTER TABLE things RENAME TO items')
          .then(),
      ),
    ];
    await waitForLocks(world, 4);
    for (const caller of callers) caller.abort();
    const ends = await Promise.all(works);
    // Nobody waits for the answer to a read; the server says itself that it broke the writes off.
    expect(ends.map(({ error }) => outcomeOf(error))).toEqual([
      'unknown',
      'rolled-back',
      'rolled-back',
      'rolled-back',
    ]);
    await release();
    await poolIsFree(pool);
    await db.raw('SELECT 1');
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
  });
});
