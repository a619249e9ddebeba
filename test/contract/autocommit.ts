/** The contract for single statements: bounced by outcome, and a lost answer is not made up. */

import { types } from 'node:util';
import { explain, OutcomeUnknownError, outcomeOf } from '@carom/postgres';
import { needs } from '@carom/testing';
import { expect, test } from '@jest/globals';
import { openLock } from './locks.js';
import type { Adapter } from './subject.js';
import { audited, failure, settled, type World, waitingForLock } from './world.js';

export const insertOfMarks = { matches: /insert into .*marks/i };
const selectOfMarks = { matches: /select .*marks/i };

const cuts = (['before', 'after-server', 'after-answer'] as const).flatMap((when) =>
  (['fin', 'rst'] as const).map((how) => ({ when, how })),
);

export function autocommitContract(_adapter: Adapter, world: World): void {
  test.each(cuts)('a write cut $when ($how) is unknown, and not played again', async (cut) => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    const fault = world.proxy.inject({ kind: 'cut', at: insertOfMarks, ...cut });
    const result = await settled(db.mark(mark));
    await fault.settled;
    expect(result.error).toBeInstanceOf(OutcomeUnknownError);
    expect(result.error).toMatchObject({ code: 'CAROM_OUTCOME_UNKNOWN', phase: 'statement' });
    expect(types.isNativeError((result.error as Error).cause)).toBe(true);
    expect(outcomeOf(result.error)).toBe('unknown');
    expect(explain(result.error)).toMatchObject({ attempts: 1 });
    expect(await world.rows(mark)).toBe(cut.when === 'before' ? 0 : 1);
    await audited(world, mark, result);
  });

  test.each(cuts)('a read cut $when ($how) is played again', async (cut) => {
    const [db, mark] = [world.open(), world.mark()];
    await db.mark(mark);
    const fault = world.proxy.inject({ kind: 'cut', at: selectOfMarks, ...cut });
    expect(await db.count(mark)).toBe(1);
    expect(fault.count).toBe(1);
  });

  test.each(['fin', 'rst'] as const)(
    'a read whose rows stop half-way (%s) is played again',
    async (how) => {
      const [db, mark] = [world.open(), world.mark()];
      await db.mark(mark);
      const fault = world.proxy.inject({ kind: 'partialRows', rows: 0, at: selectOfMarks, how });
      expect(await db.count(mark)).toBe(1);
      expect(fault.count).toBe(1);
    },
  );

  test.each(cuts)('a write declared idempotent, cut $when ($how), is played again', async (cut) => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    const fault = world.proxy.inject({ kind: 'cut', at: insertOfMarks, ...cut });
    await db.with({ idempotent: true }).mark(mark);
    await fault.settled;
    expect(await world.rows(mark)).toBe(cut.when === 'before' ? 1 : 2);
  });

  test('a write that meets a broken way before it is sent is played again', async () => {
    const [db, mark] = [world.open(), world.mark()];
    world.proxy.inject({ kind: 'cut', when: 'before', at: 'connect', how: 'rst', times: 2 });
    const result = await settled(db.mark(mark));
    expect(result.error).toBeUndefined();
    await audited(world, mark, result);
  });

  test('a slow network is only slow', async () => {
    const [db, mark] = [world.open(), world.mark()];
    world.proxy.inject({ kind: 'delay', ms: 30, at: insertOfMarks, when: 'after-server' });
    await db.mark(mark);
    expect(await world.rows(mark)).toBe(1);
  });

  test("the server's own no reaches the caller as it is, once", async () => {
    const db = world.open();
    await db.count('x');
    const before = world.proxy.seen.queries;
    const error = await failure(db.raw('SELECT 1 / 0'));
    expect(world.proxy.seen.queries - before).toBe(1);
    expect(error).not.toMatchObject({ code: expect.stringMatching(/^CAROM/) });
    expect(error.message).toContain('division by zero');
    expect(outcomeOf(error)).toBe('rolled-back');
  });

  needs('kill', test)('the backend of a write is killed while it waits', async () => {
    const [db, mark] = [world.open(), world.mark()];
    const result = await killedWhileWaiting(world, () => db.mark(mark));
    // No CommandComplete had come for it, so that the server's FATAL means that it was undone.
    expect(result.error).toBeUndefined();
    await audited(world, mark, result);
  });

  needs('kill', test)('the backend of a read is killed while it waits', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.mark(mark);
    const result = await killedWhileWaiting(world, () => db.count(mark));
    expect(result).toEqual({ value: 1 });
  });

  needs('kill', test)('all idle backends are killed: the next statements succeed', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await Promise.all([db.count(mark), db.count(mark), db.count(mark)]);
    await world.cluster.primary.killBackends();
    // A single write that meets a connection before its end is known would be unknown, and rightly so.
    const unit = db.transaction((tx) => tx.mark(mark));
    await Promise.all([unit, db.count(mark), db.count(mark)]);
    expect(await world.rows(mark)).toBe(1);
  });

  test('a procedure that commits and then fails is never played again', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await world.cluster.primary.query(
      `CREATE OR REPLACE PROCEDURE commits_first(it text) LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO marks (mark) VALUES (it);
          COMMIT;
          RAISE EXCEPTION 'as if in contention' USING ERRCODE = '40001';
        END $$`,
    );
    const error = await failure(db.raw(`CALL commits_first('${mark}')`));
    expect(await world.rows(mark)).toBe(1);
    expect(outcomeOf(error)).toBe('unknown');
    expect(error).toBeInstanceOf(OutcomeUnknownError);
  });

  test('a DO block that commits and is cut off is never played again, whatever was declared', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    const sql = `DO $$ BEGIN INSERT INTO marks (mark) VALUES ('${mark}'); COMMIT; END $$`;
    const fault = world.proxy.inject({
      kind: 'cut',
      when: 'after-answer',
      at: { matches: 'DO $$' },
    });
    const error = await failure(db.with({ idempotent: true }).raw(sql));
    await fault.settled;
    expect(outcomeOf(error)).toBe('unknown');
    expect(await world.rows(mark)).toBe(1);
  });

  test('the connection that broke is not the one of the next attempt', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.mark(mark);
    const before = world.proxy.seen.connections;
    world.proxy.inject({ kind: 'cut', when: 'before', at: selectOfMarks, times: 3, how: 'rst' });
    expect(await db.count(mark)).toBe(1);
    expect(world.proxy.seen.connections - before).toBe(3);
  });
}

/** Runs `work` into a lock, kills its backend there, and lifts the lock. */
export async function killedWhileWaiting<T>(world: World, work: () => Promise<T>) {
  const { primary } = world.cluster;
  const lock = await openLock(world);
  const result = settled(work());
  await waitingForLock(world, 1);
  const killed = await primary.killBackends({ state: 'active' });
  expect(killed).toBe(1);
  await lock.release();
  return result;
}
