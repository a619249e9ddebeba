/** The contract towards callers: cancellation, options per call, and shots inside shots. */

import { ManualClock } from '@carom/core/testing';
import { explain, OutcomeUnknownError, outcomeOf } from '@carom/postgres';
import { expect, test } from '@jest/globals';
import { insertOfMarks } from './autocommit.js';
import type { Adapter } from './subject.js';
import { audited, failure, settled, type World } from './world.js';

const selectOfMarks = { matches: /select .*marks/i };

export function callerContract(adapter: Adapter, world: World): void {
  test('a shot cancelled before it is played sends nothing', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    const before = world.proxy.seen.queries;
    const reason = new Error('changed my mind');
    const result = await settled(db.with({ signal: AbortSignal.abort(reason) }).mark(mark));
    expect(result.error).toBe(reason);
    expect(outcomeOf(reason)).toBe('not-executed');
    expect(world.proxy.seen.queries).toBe(before);
    await audited(world, mark, result);
  });

  test('a write cancelled while it is under way is unknown', async () => {
    const [db, mark] = [world.open(), world.mark()];
    const caller = new AbortController();
    const reason = new Error('changed my mind');
    const fault = world.proxy.inject({ kind: 'stall', at: insertOfMarks, when: 'after-server' });
    const work = settled(db.with({ signal: caller.signal }).mark(mark));
    await fault.fired;
    caller.abort(reason);
    const result = await work;
    world.proxy.resume();
    await fault.settled;
    expect(result.error).toBeInstanceOf(OutcomeUnknownError);
    expect((result.error as Error).cause).toBe(reason);
    await audited(world, mark, result);
  });

  test('a read cancelled while it is under way ends with the reason given', async () => {
    const [db, mark] = [world.open(), world.mark()];
    const caller = new AbortController();
    const reason = new Error('changed my mind');
    const fault = world.proxy.inject({ kind: 'stall', at: selectOfMarks });
    const work = settled(db.with({ signal: caller.signal }).count(mark));
    await fault.fired;
    caller.abort(reason);
    expect((await work).error).toBe(reason);
    world.proxy.resume();
  });

  test('a shot cancelled during a delay ends at once', async () => {
    const clock = new ManualClock();
    const caller = new AbortController();
    const reason = new Error('changed my mind');
    const onRetry = (): void => caller.abort(reason);
    const [db, mark] = [world.open({ clock, onRetry }), world.mark()];
    world.proxy.refuse();
    const result = await settled(db.with({ signal: caller.signal }).mark(mark));
    await world.proxy.accept();
    expect(result.error).toBe(reason);
    expect(outcomeOf(reason)).toBe('not-executed');
    expect(clock.pending).toBe(0);
    await audited(world, mark, result);
  });

  test('options per call hold for that call, transactions included', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    const once = db.with({ retries: 0 });
    world.proxy.inject({ kind: 'cut', when: 'before', at: selectOfMarks });
    await failure(once.count(mark));
    world.proxy.inject({ kind: 'cut', when: 'before', at: insertOfMarks });
    const error = await failure(once.transaction((tx) => tx.mark(mark)));
    expect(outcomeOf(error)).toBe('rolled-back');
    world.proxy.inject({ kind: 'cut', when: 'before', at: selectOfMarks });
    expect(await db.count(mark)).toBe(0);
  });

  test('wrong options per call are named', () => {
    const db = world.open();
    expect(() => db.with({ retries: -1 })).toThrow(/`retries` is -1; allowed: a whole number/);
    expect(() => db.with({ retires: 3 } as object)).toThrow(/unknown option `retires` \(given 3\)/);
    expect(() => db.with({ idempotent: 'yes' } as object)).toThrow(/`idempotent` is "yes"/);
  });

  test('`shouldBounce` can say no, and cannot say yes to what may have been done', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    world.proxy.inject({ kind: 'cut', when: 'before', at: selectOfMarks });
    await failure(db.with({ shouldBounce: () => false }).count(mark));
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: insertOfMarks });
    const error = await failure(db.with({ shouldBounce: () => true }).mark(mark));
    await fault.settled;
    expect(outcomeOf(error)).toBe('unknown');
    expect(await world.rows(mark)).toBe(1);
  });

  test('a write beside the handle keeps the transaction from being played again', async () => {
    const [db, mark, beside] = [world.open(), world.mark(), world.mark()];
    await db.count(mark);
    let calls = 0;
    const work = db.transaction(async (tx) => {
      calls += 1;
      await db.mark(beside);
      world.proxy.inject({ kind: 'cut', when: 'before', at: insertOfMarks });
      await tx.mark(mark);
    });
    const error = await failure(work);
    expect(calls).toBe(1);
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(explain(error)?.taint).toMatch(/beside the transaction's own handle/);
    expect([await world.rows(mark), await world.rows(beside)]).toEqual([0, 1]);
  });

  test('so does one that begins only when what the callback returns is awaited', async () => {
    const [db, beside] = [world.open(), world.mark()];
    await db.count(beside);
    let calls = 0;
    world.proxy.inject({ kind: 'cut', when: 'before', at: 'COMMIT' });
    const work = db.transaction((tx) => {
      calls += 1;
      // A forgotten `transacting(tx)`.
      return calls > 9 ? tx.mark(beside) : (db.lazyMark(beside) as Promise<unknown>);
    });
    const error = await failure(work);
    expect(calls).toBe(1);
    expect(explain(error)?.taint).toMatch(/beside the transaction's own handle/);
    expect(await world.rows(beside)).toBe(1);
  });

  test('a read beside the handle does not, nor a write declared idempotent', async () => {
    const [db, mark, beside] = [world.open(), world.mark(), world.mark()];
    await db.count(mark);
    let calls = 0;
    await db.transaction(async (tx) => {
      calls += 1;
      await db.count(beside);
      await db.with({ idempotent: true }).mark(beside);
      if (calls === 1) world.proxy.inject({ kind: 'cut', when: 'before', at: insertOfMarks });
      await tx.mark(mark);
    });
    expect(calls).toBe(2);
    expect([await world.rows(mark), await world.rows(beside)]).toEqual([1, 2]);
  });

  test('retries do not multiply: what an inner shot gave up is not tried by the outer one', async () => {
    const [mark, beside] = [world.mark(), world.mark()];
    const db = world.open({ retries: 2, commit: 'none' });
    await db.count(mark);
    let calls = 0;
    const before = world.proxy.seen.queries;
    const fault = world.proxy.inject({ kind: 'cut', when: 'before', at: selectOfMarks, times: 9 });
    const work = db.transaction(async (tx) => {
      calls += 1;
      await tx.bump(1);
      await db.count(beside);
    });
    const error = await failure(work);
    fault.withdraw();
    expect(calls).toBe(1);
    expect(outcomeOf(error)).toBeDefined();
    // BEGIN, the update, three attempts at the read, ROLLBACK.
    expect(world.proxy.seen.queries - before).toBe(6);
  });

  test('a transaction of its own inside a callback is a unit of its own, and taints the outer one', async () => {
    const [db, mark, beside] = [world.open(), world.mark(), world.mark()];
    await db.count(mark);
    let calls = 0;
    const work = db.transaction(async (tx) => {
      calls += 1;
      await db.transaction((inner) => inner.mark(beside));
      world.proxy.inject({ kind: 'cut', when: 'before', at: insertOfMarks });
      await tx.mark(mark);
    });
    await failure(work);
    expect(calls).toBe(1);
    expect([await world.rows(mark), await world.rows(beside)]).toEqual([0, 1]);
  });

  test.each(['SELECT 1', 'NOTIFY carom_test'])(
    'one that is read only taints it where it reaches out all the same: %s',
    async (sql) => {
      if (!adapter.declaresReadOnly) return;
      const [db, mark] = [world.open(), world.mark()];
      await db.count(mark);
      let calls = 0;
      const work = db.transaction(async (tx) => {
        calls += 1;
        await db.transaction((inner) => inner.raw(sql), { readOnly: true });
        if (calls === 1) world.proxy.inject({ kind: 'cut', when: 'before', at: insertOfMarks });
        await tx.mark(mark);
      });
      const { error } = await settled(work);
      expect(calls).toBe(error === undefined ? 2 : 1);
      expect(explain(error)?.taint !== undefined).toBe(sql.startsWith('NOTIFY'));
    },
  );
}
