import { ManualClock, seededRandom } from '@carom/core/testing';
import { describe, expect, jest, test } from '@jest/globals';
import { sleep } from '../src/clock.js';
import { watch } from './scenario.js';

describe('ManualClock', () => {
  test('stands still until it is told to move', async () => {
    const clock = new ManualClock(7);
    await clock.settle();
    expect(clock.now()).toBe(7);
    await clock.advance(3);
    expect(clock.now()).toBe(10);
  });

  test('fires what falls due in the order of time, then of creation, at the right moment', async () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    const note = (name: string) => (): unknown => fired.push(`${name}@${clock.now()}`);
    clock.after(20, note('c'));
    clock.after(10, note('a'));
    clock.after(10, note('b'));
    clock.after(21, note('d'));
    expect(clock.pending).toBe(4);
    await clock.advance(20);
    expect(fired).toEqual(['a@10', 'b@10', 'c@20']);
    expect(clock.pending).toBe(1);
    expect(clock.now()).toBe(20);
  });

  test('a cancelled timer does not fire, and cancelling twice is harmless', async () => {
    const clock = new ManualClock();
    const fired: number[] = [];
    const timer = clock.after(10, () => fired.push(1));
    timer.cancel();
    timer.cancel();
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(fired).toEqual([]);
  });

  test('a timer that is set while time moves on fires in the same move', async () => {
    const clock = new ManualClock();
    const fired: number[] = [];
    clock.after(10, () => clock.after(10, () => fired.push(clock.now())));
    await clock.advance(25);
    expect(fired).toEqual([20]);
    expect(clock.now()).toBe(25);
  });

  test('between two timers everything that waits for the first has run', async () => {
    const clock = new ManualClock();
    const seen: number[] = [];
    const walk = async (): Promise<void> => {
      for (let n = 0; n < 3; n++) {
        await sleep(clock, 10);
        await Promise.resolve();
        seen.push(clock.now());
      }
    };
    const walked = watch(walk());
    await clock.advance(30);
    expect(seen).toEqual([10, 20, 30]);
    expect(walked.state).toBe('fulfilled');
  });

  test.each([-50, Number.NaN])('a delay of %d is due now, not in the past', async (delay) => {
    const clock = new ManualClock(100);
    const fired: number[] = [];
    clock.after(delay, () => fired.push(clock.now()));
    clock.block(delay);
    expect(fired).toEqual([]);
    await clock.advance(0);
    expect(fired).toEqual([100]);
  });

  test("is not frozen by a test's fake timers", async () => {
    jest.useFakeTimers();
    try {
      const clock = new ManualClock();
      const slept = watch(sleep(clock, 5));
      await clock.advance(5);
      expect(slept.state).toBe('fulfilled');
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('seededRandom', () => {
  const take = (seed: number, count: number): readonly number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, random);
  };

  test('the same seed, the same numbers; another seed, others', () => {
    expect(take(42, 100)).toEqual(take(42, 100));
    expect(take(42, 100)).not.toEqual(take(43, 100));
  });

  test('is mulberry32, so that a seed in a report means the same for ever', () => {
    expect(take(1, 3).map((value) => value * 2 ** 32)).toEqual([2693262067, 11749833, 2265367787]);
  });

  test('from 0 to 1, and evenly so', () => {
    const many = take(7, 100_000);
    expect(Math.min(...many)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...many)).toBeLessThan(1);
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = many.filter((value) => Math.floor(value * 10) === tenth).length / many.length;
      expect(Math.abs(share - 0.1)).toBeLessThan(0.005);
    }
  });
});
