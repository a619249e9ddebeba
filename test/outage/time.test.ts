/** The time of a simulated world. */
import { systemClock } from '@carom/core';
import { expect, test } from '@jest/globals';
import { replaceSystemClock } from '../../bench/outage/database/time.js';
import { VirtualClock } from '../../bench/outage/virtual-clock.js';

test('Node’s timers go by the time of the world until it is over, and real ones can be cleared in it', async () => {
  const { setTimeout: real } = globalThis;
  const before = real(() => {}, 1_000_000);
  const clock = new VirtualClock();
  const restore = replaceSystemClock(clock);
  const rung: unknown[] = [];
  try {
    const ring = (name: string): void => {
      rung.push([name, clock.now(), systemClock.now()]);
    };
    setTimeout(ring, 10_000, 'first').unref();
    const cleared = setTimeout(ring, 10_000, 'cleared');
    setTimeout(ring, 20_000, 'last');
    expect(clock.pending).toBe(2);
    clearTimeout(cleared);
    clearTimeout(undefined);
    await clock.run(15_000);
  } finally {
    clearTimeout(before);
    restore();
  }
  expect(rung).toEqual([['first', 10_000, 10_000]]);
  expect([clock.pending, setTimeout === real]).toEqual([1, true]);
  expect(before).toMatchObject({ _destroyed: true });
});
