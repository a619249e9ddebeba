/** The contract for lost COMMITs: what was committed is a success, what was not is played again, once in either case. */

import { scoreboard } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { afterCommit, type OutcomeUnknownError, outcomeOf } from '@carom/postgres';
import { needs } from '@carom/testing';
import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { insertOfMarks } from './autocommit.js';
import type { Adapter, Subject } from './subject.js';
import { audited, event, settled, until, type World, waitingForLock } from './world.js';

const moments = ['before', 'after-server', 'after-answer'] as const;
const cuts = moments.flatMap((when) => (['fin', 'rst'] as const).map((how) => ({ when, how })));
export const levels = ['xid', 'fence'] as const;
/** Of a subject that has none: nothing is done then, and the rows are missed. */
const missing = Promise.resolve();

export function commitContract(adapter: Adapter, world: World): void {
  const whereUnits = adapter.hasUnits ? test : test.skip;
  describe.each(levels)('commit: %s', (commit) => {
    test.each(cuts)('COMMIT cut $when ($how): there once, and said so', async (cut) => {
      const [db, mark] = [world.open({ commit }), world.mark()];
      await db.count(mark);
      const fault = world.proxy.inject({ kind: 'cut', at: 'COMMIT', ...cut });
      let calls = 0;
      const result = await settled(
        db.transaction(async (tx) => {
          calls += 1;
          await tx.mark(mark);
          return `call ${calls}`;
        }),
      );
      await fault.settled;
      expect(await world.rows(mark)).toBe(1);
      // A pooler that is hung up on may never have passed it on.
      if (world.pooled && cut.when === 'after-server') expect(result.error).toBeUndefined();
      else expect(result).toEqual({ value: cut.when === 'before' ? 'call 2' : 'call 1' });
    });

    whereUnits.each(cuts)('a batch whose COMMIT is cut $when ($how) is there once', async (cut) => {
      const [db, first, second] = [world.open({ commit }), world.mark(), world.mark()];
      await db.count(first);
      const fault = world.proxy.inject({ kind: 'cut', at: 'COMMIT', ...cut });
      const result = await settled(db.batch?.([first, second]) ?? missing);
      await fault.settled;
      expect(result.error).toBeUndefined();
      expect([await world.rows(first), await world.rows(second)]).toEqual([1, 1]);
    });

    whereUnits.each(cuts)(
      'a nested write whose COMMIT is cut $when ($how) is there once',
      async (cut) => {
        const [db, mark] = [world.open({ commit }), world.mark()];
        await db.count(mark);
        const fault = world.proxy.inject({ kind: 'cut', at: 'COMMIT', ...cut });
        const result = await settled(db.nested?.(mark) ?? missing);
        await fault.settled;
        expect(result.error).toBeUndefined();
        expect(await world.rows(mark)).toBe(1);
      },
    );

    test.each(['before', 'after-server'] as const)(
      'silence at COMMIT (%s), and an attempt clock: there once, and said so',
      async (when) => {
        const clock = new ManualClock();
        const [db, mark] = [world.open({ commit, clock }), world.mark()];
        await db.count(mark);
        const again = event();
        using _ = scoreboard.on('shotRetry', again.happens);
        const fault = world.proxy.inject({ kind: 'blackHole', when, at: 'COMMIT' });
        const work = settled(
          db.with({ attemptTimeout: 1_000 }).transaction((tx) => tx.mark(mark).then(() => 'done')),
        );
        await fault.fired;
        await clock.advance(1_000);
        await Promise.race([again.happened, work]);
        // Longer than the first delay, shorter than the second attempt may take.
        await clock.advance(400);
        expect(await work).toEqual({ value: 'done' });
        expect(await world.rows(mark)).toBe(1);
      },
    );

    test.each(cuts)('a single write exactly once, COMMIT cut $when ($how)', async (cut) => {
      const [db, mark] = [world.open({ commit, exactlyOnce: true }), world.mark()];
      await db.count(mark);
      const fault = world.proxy.inject({ kind: 'cut', at: 'COMMIT', ...cut });
      const result = await settled(db.mark(mark));
      await fault.settled;
      expect(result.error).toBeUndefined();
      expect(await world.rows(mark)).toBe(1);
    });
  });

  test.each(cuts)('a single write exactly once by its call, cut $when ($how)', async (cut) => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    const fault = world.proxy.inject({ kind: 'cut', at: insertOfMarks, ...cut });
    const result = await settled(db.with({ exactlyOnce: true }).mark(mark));
    await fault.settled;
    expect(result.error).toBeUndefined();
    expect(await world.rows(mark)).toBe(1);
  });

  test('exactly once is refused where no COMMIT is settled, by client or call', () => {
    const db = world.open({ commit: 'none' });
    const refusal = { code: 'CAROM_INVALID_OPTION', option: 'exactlyOnce' };
    const asking = [
      () => db.with({ exactlyOnce: true }),
      () => world.open().with({ commit: 'none' }).with({ exactlyOnce: true }),
      () => world.open({ exactlyOnce: true, commit: 'none' }),
    ];
    for (const ask of asking) expect(ask).toThrow(expect.objectContaining(refusal));
  });

  test('the answer to a single write exactly once is that of the plain write', async () => {
    const [db, mark] = [world.open(), world.mark()];
    const plain = await db.mark(mark);
    const once = await db.with({ exactlyOnce: true }).mark(world.mark());
    expect(Object.keys(Object(once))).toEqual(Object.keys(Object(plain)));
  });

  test.each(cuts)(
    'commit: none, COMMIT cut $when ($how): unknown, not played again',
    async (cut) => {
      const [db, mark] = [world.open({ commit: 'none' }), world.mark()];
      await db.count(mark);
      const fault = world.proxy.inject({ kind: 'cut', at: 'COMMIT', ...cut });
      let calls = 0;
      const result = await settled(
        db.transaction(async (tx) => {
          calls += 1;
          await tx.mark(mark);
        }),
      );
      await fault.settled;
      expect(calls).toBe(1);
      expect(result.error).toMatchObject({ code: 'CAROM_OUTCOME_UNKNOWN', phase: 'commit' });
      expect((result.error as OutcomeUnknownError).ticket).toBeUndefined();
      expect(await (result.error as OutcomeUnknownError).resolve()).toBe('unknown');
      await audited(world, mark, result);
    },
  );

  test.each(levels)(
    '%s: a callback that ends its transaction and begins another gets no answer for the first',
    async (commit) => {
      const [db, first, second] = [world.open({ commit }), world.mark(), world.mark()];
      await db.count(first);
      const work = db.transaction(async (tx) => {
        await tx.mark(first);
        await tx.raw('COMMIT');
        await tx.raw('BEGIN');
        await tx.mark(second);
        world.proxy.inject({ kind: 'cut', when: 'before', at: 'COMMIT' });
      });
      const { error } = await settled(work);
      expect(outcomeOf(error)).toBe('unknown');
      expect([await world.rows(first), await world.rows(second)]).toEqual([1, 0]);
    },
  );

  test('after a commit its hooks are called once, and never for an attempt that was undone', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    world.proxy.inject({ kind: 'cut', when: 'before', at: 'COMMIT' });
    const heard: number[] = [];
    let calls = 0;
    await db.transaction(async (tx) => {
      calls += 1;
      const call = calls;
      afterCommit(() => heard.push(call));
      await tx.mark(mark);
    });
    expect(heard).toEqual([2]);
    expect(() => afterCommit(() => {})).toThrow('there is none around this call');
  });

  test('a callback that fails right behind its write is undone, and its connection goes on', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    const { connections } = world.proxy.seen;
    for (let nth = 0; nth < 5; nth++) {
      const work = db.transaction(async (tx) => {
        await tx.mark(mark);
        throw new Error('no');
      });
      expect(await settled(work)).toMatchObject({ error: new Error('no') });
      expect(await db.count(mark)).toBe(0);
    }
    expect(world.proxy.seen.connections).toBe(connections);
  });

  const works = {
    'a transaction': (db: Subject, mark: string) => db.transaction((tx) => tx.mark(mark)),
    'a single write exactly once': (db: Subject, mark: string) =>
      db.with({ exactlyOnce: true }).mark(mark),
    'a batch': (db: Subject, mark: string) =>
      db.batch?.([mark, `${mark} too`]) ?? db.transaction((tx) => tx.mark(mark)),
    'a nested write': (db: Subject, mark: string) =>
      db.nested?.(mark) ?? db.transaction((tx) => tx.mark(mark)),
  };
  for (const [name, work] of Object.entries(works)) {
    needs('kill', test)(
      `${name} whose backend is killed after its write, before its id is known, is played again`,
      async () => {
        const [db, mark] = [world.open(), world.mark()];
        await db.count(mark);
        const fault = world.proxy.inject({
          kind: 'stall',
          when: 'before',
          at: { matches: 'pg_current_xact_id_if_assigned' },
        });
        const result = settled(work(db, mark));
        await fault.fired;
        // The question came along with the write: for the server both are one message that has not ended.
        await until(
          async () => (await world.cluster.primary.killBackends({ state: 'active' })) > 0,
        );
        world.proxy.resume();
        expect((await result).error).toBeUndefined();
        expect(await world.rows(mark)).toBe(1);
      },
    );
  }

  needs('kill', test)(
    'an aborted statement is cancelled on the server, and known undone',
    async () => {
      const [db, mark] = [world.open(), world.mark()];
      await db.count(mark);
      const holder = new pg.Client({
        ...world.cluster.primary.config,
        application_name: 'carom-testing',
      });
      await holder.connect();
      await holder.query('BEGIN; LOCK TABLE marks IN ACCESS EXCLUSIVE MODE');
      const controller = new AbortController();
      const result = settled(db.with({ signal: controller.signal }).mark(mark));
      await waitingForLock(world, 1);
      controller.abort(new Error('enough'));
      expect((await result).error).toBe(controller.signal.reason);
      expect(outcomeOf((await result).error)).toBe('rolled-back');
      await waitingForLock(world, 0);
      await holder.query('ROLLBACK');
      await holder.end();
      expect(await world.rows(mark)).toBe(0);
    },
  );
}
