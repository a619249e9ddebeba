/** The contract for contention: who loses a conflict is played again, in turn, and sees what the winner did. */

import { Budget, scoreboard, systemClock } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import { barrier, event, type World } from './world.js';

export function contentionContract(world: World): void {
  test('a deadlock: both transactions commit, the victim at its second attempt', async () => {
    const db = world.open();
    const meet = barrier(2);
    let survives: () => void = () => {};
    const survived = new Promise<void>((resolve) => {
      survives = resolve;
    });
    let calls = 0;
    const both = (first: number, second: number): Promise<void> => {
      let again = false;
      return db.transaction(async (tx) => {
        calls += 1;
        // Else it may have its first row again before the survivor's backend has woken up for it (measured), and the two
        // are in a deadlock once more.
        if (again) await survived;
        again = true;
        await tx.bump(first);
        await meet();
        await tx.bump(second);
        survives();
      });
    };
    await Promise.all([both(1, 2), both(2, 1)]);
    expect(calls).toBe(3);
    expect([await world.counter(1), await world.counter(2)]).toEqual([2, 2]);
  });

  test('those who lost a conflict come back two at a time, and nobody loses an update', async () => {
    const budget = new Budget('turns', { whenSpent: 'wait', perSecond: 0 });
    const db = world.open({ budget, clock: systemClock, patience: 60_000 }, { max: 6 });
    // The pooler has three sessions for all.
    const together = world.pooled ? 3 : 6;
    const meet = barrier(together);
    let [again, atOnce, most] = [0, 0, 0];
    const increment = (): Promise<void> => {
      let calls = 0;
      return db.transaction(
        async (tx) => {
          calls += 1;
          if (calls > 1) {
            again += 1;
            atOnce += 1;
            most = Math.max(most, atOnce);
          }
          try {
            await tx.count('a snapshot');
            if (calls === 1) await meet();
            await tx.bump(1);
          } finally {
            if (calls > 1) atOnce -= 1;
          }
        },
        { serializable: true },
      );
    };
    await Promise.all(Array.from({ length: together }, increment));
    const value = await world.counter(1);
    expect(value).toBe(together);
    expect(most).toBeLessThanOrEqual(2);
    // Of two that meet again one loses again, once for each that wins.
    expect(again).toBeGreaterThanOrEqual(together - 1);
    expect(again).toBeLessThan(2 * (together - 1));
  });

  test('where many of a kind meet contention, even a new one waits for its turn, and nothing else does', async () => {
    const clock = new ManualClock();
    const budget = new Budget('kinds', { whenSpent: 'wait', perSecond: 0 }, { clock });
    const db = world.open({ budget, random: () => 0, patience: 60_000 });
    const mark = world.mark();
    let calls = 0;
    await db.transaction(async (tx) => {
      calls += 1;
      if (calls <= 16) await tx.raw("DO $$ BEGIN RAISE 'again' USING ERRCODE = '40001'; END $$");
    });
    let begun = 0;
    const [going, parked, ended] = [event(), event(), event()];
    using _ = scoreboard.on('shotParked', parked.happens);
    const work = () =>
      db.transaction(async (tx) => {
        begun += 1;
        await tx.count(mark);
        // So many have a turn at a time.
        if (begun === 2) going.happens();
        await ended.happened;
      });
    const slow = [work(), work()];
    await going.happened;
    const next = work();
    await parked.happened;
    await db.mark(mark);
    expect([calls, begun]).toEqual([17, 2]);
    ended.happens();
    await Promise.all([...slow, next]);
    expect(begun).toBe(3);
  });

  test('write skew at SERIALIZABLE: one of the two is played again, and sees the other', async () => {
    const [db, mark] = [world.open(), world.mark()];
    const meet = barrier(2);
    let calls = 0;
    const oneOnly = (): Promise<number> =>
      db.transaction(
        async (tx) => {
          calls += 1;
          const there = await tx.count(mark);
          await meet();
          if (there === 0) await tx.mark(mark);
          return there;
        },
        { serializable: true },
      );
    const seen = await Promise.all([oneOnly(), oneOnly()]);
    expect(seen.sort()).toEqual([0, 1]);
    expect(calls).toBeGreaterThanOrEqual(3);
    expect(await world.rows(mark)).toBe(1);
  });
}
