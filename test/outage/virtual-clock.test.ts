/** The simulation's clock: time jumps from event to event, and nothing is left undone between two of them. */
import { describe, expect, test } from '@jest/globals';
import { VirtualClock } from '../../bench/outage/virtual-clock.js';

describe('the virtual clock', () => {
  test('runs events by their time, and those of one instant in the order they were made', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    for (const at of [30, 10, 20, 10]) clock.at(at, () => seen.push(`${at} at ${clock.now()}`));
    clock.after(10, () => seen.push('timer'));
    await clock.run(25);
    expect(seen).toEqual(['10 at 10', '10 at 10', 'timer', '20 at 20']);
    expect(clock.now()).toBe(25);
    await clock.run(100);
    expect(seen).toHaveLength(5);
  });

  test('holds the order of many', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const times = Array.from({ length: 1_000 }, (_, n) => (n * 7_919) % 1_009);
    for (const at of times) clock.at(at, () => seen.push(at));
    await clock.run(2_000);
    expect(seen).toEqual([...times].sort((a, b) => a - b));
  });

  test('goes on only when no promise job is left, however long the chain', async () => {
    const clock = new VirtualClock();
    let links = 0;
    const chain = async (): Promise<void> => {
      for (; links < 10_000; links++) await Promise.resolve();
    };
    const seen: number[] = [];
    for (const at of [0, 1, 2]) {
      clock.at(at, () => {
        seen.push(links);
        links = 0;
        void chain();
      });
    }
    await clock.run(2.5);
    expect(seen).toEqual([0, 10_000, 10_000]);
  });

  test('waits for ticks as well, where it is told to wait for a turn of the event loop', async () => {
    const clock = new VirtualClock(setImmediate);
    const seen: string[] = [];
    clock.at(1, () => process.nextTick(() => void Promise.resolve().then(() => ticks(3))));
    const ticks = (left: number): void => {
      seen.push(`${left} at ${clock.now()}`);
      if (left > 0) process.nextTick(ticks, left - 1);
    };
    clock.at(2, () => seen.push('two'));
    await clock.run(3);
    expect(seen).toEqual(['3 at 1', '2 at 1', '1 at 1', '0 at 1', 'two']);
  });

  test('forgets what is cancelled, and counts what somebody waits for', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const timer = clock.after(10, () => seen.push('cancelled'));
    const other = clock.after(20, () => seen.push('other'));
    expect(clock.pending).toBe(2);
    timer.cancel();
    other.unref();
    expect(clock.pending).toBe(0);
    other.ref();
    expect(clock.pending).toBe(1);
    await clock.run(100);
    expect(seen).toEqual(['other']);
    expect(clock.pending).toBe(0);
  });

  test('stops when it is over', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    for (const at of [1, 2, 3]) clock.at(at, () => seen.push(at));
    await clock.run(Number.POSITIVE_INFINITY, () => seen.length === 2);
    expect(seen).toEqual([1, 2]);
    expect(clock.now()).toBe(2);
  });
});
