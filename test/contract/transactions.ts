/** The contract for transactions: played again as a whole or not at all, and a lost COMMIT is not made up. */

import { explain, outcomeOf } from '@carom/postgres';
import { needs } from '@carom/testing';
import { expect, test } from '@jest/globals';
import { insertOfMarks, killedWhileWaiting } from './autocommit.js';
import type { Adapter, Tx } from './subject.js';
import { audited, failure, type Settled, settled, until, type World } from './world.js';

const endings = ['fin', 'rst'] as const;
const moments = ['before', 'after-server', 'after-answer'] as const;
const cuts = moments.flatMap((when) => endings.map((how) => ({ when, how })));

export function transactionContract(adapter: Adapter, world: World): void {
  test.each(cuts)(
    'a statement cut $when ($how): the whole transaction is played again',
    async (cut) => {
      const [db, mark] = [world.open(), world.mark()];
      await db.count(mark);
      world.proxy.inject({ kind: 'cut', at: insertOfMarks, ...cut });
      const handles = new Set<Tx>();
      const result = await settled(
        db.transaction(async (tx) => {
          handles.add(tx);
          await tx.mark(mark);
          return handles.size;
        }),
      );
      expect(result).toEqual({ value: 2 });
      await audited(world, mark, result);
    },
  );

  test.each(endings)('BEGIN cut (%s): the callback runs once, in the end', async (how) => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    world.proxy.inject({ kind: 'cut', when: 'before', at: 'BEGIN', how });
    let calls = 0;
    const result = await settled(
      db.transaction(async (tx) => {
        calls += 1;
        await tx.mark(mark);
      }),
    );
    expect(calls).toBe(1);
    await audited(world, mark, result);
  });

  test('COMMIT of a transaction that only read is cut: it is played again', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.mark(mark);
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
    expect(await db.transaction((tx) => tx.count(mark))).toBe(1);
    expect(fault.count).toBe(1);
  });

  needs('kill', test)('its backend is killed while it waits: played again', async () => {
    const [db, mark] = [world.open(), world.mark()];
    const result = await killedWhileWaiting(world, () => db.transaction((tx) => tx.mark(mark)));
    expect(result.error).toBeUndefined();
    await audited(world, mark, result);
  });

  test('a session lock of an attempt that failed is not left behind in the pool', async () => {
    // Behind a pooler in transaction mode a session, and what it locks, is nobody's.
    if (world.pooled) return;
    const db = world.open();
    await db.count('warm');
    const { connections } = world.proxy.seen;
    let calls = 0;
    await db.transaction(async (tx) => {
      calls += 1;
      if (calls > 1) return;
      await tx.raw('SELECT pg_advisory_lock(4711)');
      await tx.raw("DO $$ BEGIN RAISE 'again' USING ERRCODE = '40001'; END $$");
    });
    expect([calls, world.proxy.seen.connections - connections]).toEqual([2, 1]);
    const held = "SELECT FROM pg_locks WHERE locktype = 'advisory'";
    await until(async () => (await world.cluster.primary.query(held)).rows.length === 0);
  });

  needs('kill', test)('its backend is killed between two statements: played again', async () => {
    const [db, mark] = [world.open(), world.mark()];
    let calls = 0;
    const result = await settled(
      db.transaction(async (tx) => {
        calls += 1;
        await tx.mark(mark);
        if (calls === 1) await world.cluster.primary.killBackends();
        await tx.bump(1);
      }),
    );
    expect(calls).toBe(2);
    expect(await world.counter(1)).toBe(1);
    await audited(world, mark, result);
  });

  test("an error of the callback's own undoes the work and comes as it is", async () => {
    const [db, mark] = [world.open(), world.mark()];
    // It looks like a lost connection, but the transaction's own was never lost.
    const own = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    let calls = 0;
    const work = db.transaction(async (tx) => {
      calls += 1;
      await tx.mark(mark);
      throw own;
    });
    expect(await failure(work)).toBe(own);
    expect(calls).toBe(1);
    expect(outcomeOf(own)).toBe('rolled-back');
    expect(await world.rows(mark)).toBe(0);
  });

  test("the server's no to one statement comes as it is, and nothing was done", async () => {
    const [db, mark] = [world.open(), world.mark()];
    let inner: unknown;
    const work = db.transaction(async (tx) => {
      await tx.mark(mark);
      inner = await failure(tx.raw('SELECT 1 / 0'));
      throw inner;
    });
    const error = await failure(work);
    expect(error).toBe(inner);
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(await world.rows(mark)).toBe(0);
  });

  test('an error that the callback swallows is no success', async () => {
    const [db, mark] = [world.open(), world.mark()];
    let swallowed: unknown;
    const work = db.transaction(async (tx) => {
      await tx.mark(mark);
      swallowed = await failure(tx.raw('SELECT 1 / 0'));
    });
    const error = await failure(work);
    expect(error).toMatchObject({ code: 'CAROM_SILENT_ROLLBACK', cause: swallowed });
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(await world.rows(mark)).toBe(0);
  });

  test('a COMMIT that the callback sends itself makes the unit unknown', async () => {
    const [db, mark] = [world.open(), world.mark()];
    let calls = 0;
    const work = db.transaction(async (tx) => {
      calls += 1;
      await tx.mark(mark);
      await tx.raw('COMMIT');
      await tx.raw("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$");
    });
    const error = await failure(work);
    expect(calls).toBe(1);
    expect(outcomeOf(error)).toBe('unknown');
    expect(await world.rows(mark)).toBe(1);
  });

  test('the handle of an attempt that is over is void', async () => {
    const [db, mark, late] = [world.open(), world.mark(), world.mark()];
    await db.count(mark);
    world.proxy.inject({ kind: 'cut', when: 'before', at: insertOfMarks });
    const handles: Tx[] = [];
    await db.transaction(async (tx) => {
      handles.push(tx);
      if (handles.length === 2) await failure(handles[0]!.mark(late));
      await tx.mark(mark);
    });
    await failure(handles[1]!.mark(late));
    expect(await world.rows(late)).toBe(0);
    expect(await world.rows(mark)).toBe(1);
  });

  test('read only means read only', async () => {
    if (!adapter.declaresReadOnly) return;
    const [db, mark] = [world.open(), world.mark()];
    const before = world.proxy.seen.begins;
    const work = db.transaction((tx) => tx.mark(mark), { readOnly: true });
    expect(await failure(work)).toMatchObject({ code: '25006' });
    expect(world.proxy.seen.begins - before).toBe(1);
  });

  test.each([
    ['ROLLBACK', /^rollback/i],
    ['COMMIT', /^commit/i],
  ])('a statement on the handle is refused while %s is under way', async (end, matches) => {
    const [db, mark, late] = [world.open(), world.mark(), world.mark()];
    await db.count(mark);
    const fault = world.proxy.inject({ kind: 'stall', when: 'before', at: { matches } });
    let left: Promise<Settled<unknown>> | undefined;
    const work = settled(
      db.transaction(async (tx) => {
        await tx.mark(mark);
        left = settled(fault.fired.then(() => tx.mark(late)));
        if (end === 'ROLLBACK') throw new Error('no');
      }),
    );
    await fault.fired;
    // As far as it comes.
    for (let turn = 0; turn < 3; turn++) await world.rows('');
    world.proxy.resume();
    const { error } = await work;
    expect(error === undefined).toBe(end === 'COMMIT');
    expect((await left)?.error).toBeDefined();
    expect([await world.rows(mark), await world.rows(late)]).toEqual([end === 'COMMIT' ? 1 : 0, 0]);
  });

  test.each(['SET TRANSACTION READ WRITE', 'SET LOCAL transaction_read_only = off'])(
    'read only until %s: what it writes is not done twice',
    async (sql) => {
      if (!adapter.declaresReadOnly) return;
      const [db, mark] = [world.open(), world.mark()];
      await db.count(mark);
      const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
      const work = db.transaction(
        async (tx) => {
          await tx.raw(sql);
          await tx.mark(mark);
        },
        { readOnly: true },
      );
      const error = await failure(work);
      await fault.settled;
      expect(outcomeOf(error)).toBe('unknown');
      // It is not beside itself.
      expect(explain(error)?.taint).toBeUndefined();
      expect(await world.rows(mark)).toBe(1);
    },
  );
}
