/** How much contention a kind of work meets, and how long that is remembered. */
import { ManualClock, seededRandom } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Intensity } from '../src/retry/intensity.js';

const times = (count: number, act: () => void): void => {
  for (let n = 0; n < count; n++) act();
};

const work = (kind: string) => ({ signature: () => kind });
const [a, b, c, d] = [work('a'), work('b'), work('c'), work('d')];

describe('Intensity', () => {
  test('a little contention takes nobody a turn, and is worked off by as many successes', () => {
    const intensity = new Intensity(new ManualClock());
    expect(intensity.isAny).toBe(false);
    times(8, () => intensity.met(a));
    expect([intensity.isAny, intensity.shareOf(a)]).toEqual([true, 0]);
    times(31, () => intensity.passed(a));
    expect(intensity.isAny).toBe(true);
    intensity.passed(a);
    expect(intensity.isAny).toBe(false);
  });

  test('much takes turns from all of its kind, and from no other', () => {
    const intensity = new Intensity(new ManualClock());
    times(9, () => intensity.met(a));
    expect(intensity.shareOf(a)).toBe(4 / 32);
    times(40, () => intensity.met(a));
    expect([intensity.shareOf(a), intensity.shareOf(b)]).toEqual([1, 0]);
    intensity.passed(b);
    times(32, () => intensity.passed(a));
    expect(intensity.shareOf(a)).toBe(0);
  });

  test('a kind that meets no more of it is forgotten after a second, whatever became of the others', () => {
    const clock = new ManualClock();
    const intensity = new Intensity(clock);
    for (const kind of [a, b]) times(16, () => intensity.met(kind));
    clock.block(999);
    times(2, () => intensity.passed(a));
    intensity.met(b);
    expect([intensity.shareOf(a), intensity.shareOf(b)]).toEqual([30 / 32, 1]);
    clock.block(1);
    expect([intensity.shareOf(a), intensity.shareOf(b)]).toEqual([0, 1]);
    clock.block(999);
    intensity.met(c);
    expect([intensity.shareOf(b), intensity.isAny]).toEqual([0, true]);
    clock.block(1_000);
    intensity.met(d);
    expect([intensity.shareOf(c), intensity.shareOf(d)]).toEqual([0, 0]);
  });

  test('work without a signature, or with one that throws, is of no kind', () => {
    const intensity = new Intensity(new ManualClock());
    const throwing = {
      signature: (): string => {
        throw new Error('none');
      },
    };
    for (const none of [{}, { signature: undefined }, { signature: () => undefined }, throwing]) {
      times(16, () => intensity.met(none));
      expect([intensity.isAny, intensity.shareOf(none)]).toEqual([false, 0]);
      intensity.met(a);
      intensity.passed(none);
      times(4, () => intensity.passed(a));
    }
  });

  test('where contention goes with the share that is free, it comes to rest near one in five', () => {
    const random = seededRandom(1);
    const intensity = new Intensity(new ManualClock());
    let met = 0;
    times(10_000, () => {
      const free = random() >= intensity.shareOf(a);
      if (!(free && random() < 0.8)) intensity.passed(a);
      else {
        met += 1;
        intensity.met(a);
      }
    });
    // A little more, since what is above the highest level is not counted.
    expect(Math.abs(met / 10_000 - 0.21)).toBeLessThan(0.02);
  });
});
