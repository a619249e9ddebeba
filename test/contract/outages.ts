/** The contract for outages: the caller sees a slower answer, and a clock's end is told as it is. */

import { ManualClock } from '@carom/core/testing';
import { OutcomeUnknownError, outcomeOf } from '@carom/postgres';
import { needs } from '@carom/testing';
import { expect, test } from '@jest/globals';
import { insertOfMarks } from './autocommit.js';
import type { Adapter } from './subject.js';
import { audited, failure, settled, until, type World } from './world.js';

const selectOfMarks = { matches: /select .*marks/i };

/** Resolves at the first bounce; the shot's delays wait for `clock`. */
function firstBounce() {
  const clock = new ManualClock();
  let tell: () => void = () => {};
  const bounced = new Promise<void>((resolve) => {
    tell = resolve;
  });
  return { bounced, clock, options: { clock, onRetry: () => tell() } };
}

export function outageContract(_adapter: Adapter, world: World): void {
  for (const mode of ['fast', 'immediate'] as const) {
    needs('stop', test)(
      `the server is down (${mode} stop) and comes back: every kind of work is done once`,
      async () => {
        const { bounced, clock, options } = firstBounce();
        const db = world.open(options);
        const [one, two] = [world.mark(), world.mark()];
        await world.cluster.primary.stop(mode);
        // As the address of a server that is down does, and a proxy in front of it would not.
        world.proxy.refuse();
        const work = settled(
          Promise.all([db.mark(one), db.count(one), db.transaction((tx) => tx.mark(two))]),
        );
        await bounced;
        await world.cluster.primary.start();
        await world.proxy.accept();
        // Each attempt that is due goes out, and its answer is awaited, until all is done.
        const result = await drive(clock, work);
        expect(result.error).toBeUndefined();
        await audited(world, one, result);
        await audited(world, two, result);
      },
      30_000,
    );
  }

  test('the way to the server is refused and opens again', async () => {
    const { bounced, clock, options } = firstBounce();
    const [db, mark] = [world.open(options), world.mark()];
    world.proxy.refuse();
    const work = settled(db.mark(mark));
    await bounced;
    await world.proxy.accept();
    const result = await drive(clock, work);
    expect(result.error).toBeUndefined();
    await audited(world, mark, result);
  });

  test('it stays refused: the driver says so, nothing was done, and it ends', async () => {
    const [db, mark] = [world.open({ retries: 2 }), world.mark()];
    world.proxy.refuse();
    const error = await failure(db.mark(mark));
    await world.proxy.accept();
    expect(outcomeOf(error)).toBe('not-executed');
    expect(error).not.toMatchObject({ code: expect.stringMatching(/^CAROM/) });
    expect(await world.rows(mark)).toBe(0);
  });

  test('a read gets no answer: its attempt ends in time and the next one is answered', async () => {
    const clock = new ManualClock();
    const [db, mark] = [world.open({ clock, attemptTimeout: 1_000 }), world.mark()];
    await world.cluster.primary.query('INSERT INTO marks (mark) VALUES ($1)', [mark]);
    const fault = world.proxy.inject({ kind: 'stall', at: selectOfMarks });
    const work = settled(db.count(mark));
    await fault.fired;
    await clock.advance(1_000);
    // Longer than the first delay, shorter than the second attempt may take.
    await clock.advance(400);
    expect(await work).toEqual({ value: 1 });
    world.proxy.resume();
  });

  test.each(['before', 'after-server'] as const)(
    'a write falls into a black hole (%s): its end is told as unknown',
    async (when) => {
      const clock = new ManualClock();
      const [db, mark] = [world.open({ clock, timeout: 1_000 }), world.mark()];
      const fault = world.proxy.inject({ kind: 'blackHole', at: insertOfMarks, when });
      const work = settled(db.mark(mark));
      await fault.fired;
      await clock.advance(1_000);
      const result = await work;
      expect(result.error).toBeInstanceOf(OutcomeUnknownError);
      expect((result.error as Error).cause).toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'shot' });
      // The server may still be at it, or the cancel request came first: either is what unknown means.
      await audited(world, mark, result);
    },
  );

  test('a transaction falls into a black hole before COMMIT: nothing was done, and it says so', async () => {
    const clock = new ManualClock();
    const [db, mark] = [world.open({ clock, timeout: 1_000 }), world.mark()];
    const fault = world.proxy.inject({
      kind: 'blackHole',
      at: insertOfMarks,
      when: 'after-server',
    });
    const work = settled(db.transaction((tx) => tx.mark(mark)));
    await fault.fired;
    await clock.advance(1_000);
    const result = await work;
    expect(result.error).toMatchObject({ code: 'CAROM_TIMEOUT' });
    expect(outcomeOf(result.error)).toBe('rolled-back');
    await audited(world, mark, result);
  });

  test('COMMIT falls into a black hole, and nobody may ask: unknown', async () => {
    const clock = new ManualClock();
    const options = { clock, timeout: 1_000, commit: 'none' } as const;
    const [db, mark] = [world.open(options), world.mark()];
    const fault = world.proxy.inject({ kind: 'blackHole', at: 'COMMIT', when: 'after-server' });
    const work = settled(db.transaction((tx) => tx.mark(mark)));
    await fault.fired;
    await clock.advance(1_000);
    const result = await work;
    await until(async () => (await world.rows(mark)) === 1);
    expect(result.error).toMatchObject({ code: 'CAROM_OUTCOME_UNKNOWN', phase: 'commit' });
    await audited(world, mark, result);
  });

  test('slots that timeouts have taken are given back', async () => {
    const clock = new ManualClock();
    const [db, mark] = [world.open({ clock, timeout: 1_000 }), world.mark()];
    // As many as the pool has connections; one leaked slot would leave the last reads waiting.
    for (let slot = 0; slot < 5; slot++) {
      const fault = world.proxy.inject({ kind: 'blackHole', at: selectOfMarks });
      const work = settled(db.count(mark));
      await fault.fired;
      await clock.advance(1_000);
      expect((await work).error).toMatchObject({ code: 'CAROM_TIMEOUT' });
    }
    expect(await Promise.all([1, 2, 3, 4].map(() => db.count(mark)))).toEqual([0, 0, 0, 0]);
  });
}

/** Lets time pass for as long as `work` takes: each timer fires as soon as nothing else can happen. */
export async function drive<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  while (!done) {
    // One turn of the event loop per look: what the sockets bring comes first.
    await clock.settle();
    if (clock.pending > 0) await clock.advance(25);
  }
  return await finished;
}
