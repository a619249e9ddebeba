import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Rolling } from '../src/rolling.js';

describe('Rolling', () => {
  test('sums what was added in the last so many milliseconds', () => {
    const rolling = new Rolling(1_000);
    expect(rolling.sum(0)).toBe(0);
    rolling.add(0, 1);
    rolling.add(500, 2.5);
    expect(rolling.sum(999)).toBe(3.5);
    expect(rolling.sum(1_000)).toBe(2.5);
    expect(rolling.sum(1_499)).toBe(2.5);
    expect(rolling.sum(1_500)).toBe(0);
  });

  test('it slides in tenths, or in as many buckets as it was told', () => {
    const tenths = new Rolling(1_000);
    tenths.add(99, 1);
    expect(tenths.sum(999)).toBe(1);
    expect(tenths.sum(1_000)).toBe(0);
    const halves = new Rolling(1_000, 2);
    halves.add(499, 1);
    expect(halves.sum(999)).toBe(1);
    expect(halves.sum(1_000)).toBe(0);
  });

  test('an old bucket is empty when its place is used again', () => {
    const rolling = new Rolling(1_000);
    rolling.add(50, 7);
    rolling.add(1_050, 1);
    expect(rolling.sum(1_050)).toBe(1);
    rolling.add(60_050, 1);
    expect(rolling.sum(60_050)).toBe(1);
  });

  test('clear forgets all of it', () => {
    const rolling = new Rolling(1_000);
    for (let now = 0; now < 1_000; now += 100) rolling.add(now, 1);
    rolling.clear();
    expect(rolling.sum(1_000)).toBe(0);
    rolling.add(1_000, 1);
    expect(rolling.sum(1_000)).toBe(1);
  });

  test('a clock that goes back counts as one that stands', () => {
    const rolling = new Rolling(1_000);
    rolling.add(60_000, 1);
    rolling.add(20_000, 1);
    rolling.spread(10_000, 20_000, 2);
    rolling.spread(70_000, 50_000, 4);
    expect(rolling.sum(20_000)).toBe(8);
    expect(rolling.sum(60_999)).toBe(8);
    expect(rolling.sum(61_000)).toBe(0);
  });

  test('spread: each part of the time gets its share', () => {
    const rolling = new Rolling(1_000);
    rolling.spread(150, 350, 20);
    expect(rolling.sum(1_000)).toBeCloseTo(20, 9);
    expect(rolling.sum(1_100)).toBeCloseTo(15, 9);
    expect(rolling.sum(1_200)).toBeCloseTo(5, 9);
    expect(rolling.sum(1_300)).toBe(0);
  });

  test('spread over more than the window: only the part that is in it counts', () => {
    const rolling = new Rolling(1_000);
    rolling.spread(0, 100_000, 1_000);
    expect(rolling.sum(100_000)).toBeCloseTo(9, 9);
  });

  test('spread over no time at all is adding', () => {
    const rolling = new Rolling(1_000);
    rolling.spread(200, 200, 3);
    rolling.spread(230, 260, 4);
    expect(rolling.sum(1_199)).toBe(7);
    expect(rolling.sum(1_200)).toBe(0);
  });

  test('count reads the clock at every 64th call only', () => {
    let reads = 0;
    const clock = new ManualClock();
    const now = (): number => {
      reads += 1;
      return clock.now();
    };
    const counting = { now, after: clock.after.bind(clock), block: clock.block.bind(clock) };
    const rolling = new Rolling(1_000);
    for (let n = 0; n < 63; n++) rolling.count(counting);
    expect(reads).toBe(0);
    rolling.count(counting);
    expect(reads).toBe(1);
    for (let n = 0; n < 640; n++) rolling.count(counting);
    expect(reads).toBe(11);
    expect(rolling.sum(0)).toBe(704);
  });

  test('count: what nobody asked about meanwhile is spread over the time since', () => {
    const clock = new ManualClock(5_000);
    const rolling = new Rolling(1_000);
    for (let n = 0; n < 10; n++) rolling.count(clock);
    // The first are counted when they are first asked for: nobody knows since when they came.
    expect(rolling.sum(5_000)).toBe(10);
    expect(rolling.sum(5_500)).toBe(10);
    for (let n = 0; n < 10; n++) rolling.count(clock);
    expect(rolling.sum(5_700)).toBeCloseTo(20, 9);
    expect(rolling.sum(6_000)).toBeCloseTo(10, 9);
    expect(rolling.sum(6_500)).toBeCloseTo(5, 9);
    for (let n = 0; n < 10; n++) rolling.count(clock);
    clock.block(20_000);
    for (let n = 0; n < 54; n++) rolling.count(clock);
    // 64 in the 18.5 s since, of which the last second but one tenth counts.
    expect(rolling.sum(25_000)).toBeCloseTo((64 * 900) / 18_500, 9);
  });

  test('clear forgets what is not counted yet, and since when', () => {
    const clock = new ManualClock();
    const rolling = new Rolling(1_000);
    rolling.sum(0);
    for (let n = 0; n < 10; n++) rolling.count(clock);
    rolling.clear();
    expect(rolling.sum(500)).toBe(0);
    rolling.clear();
    for (let n = 0; n < 10; n++) rolling.count(clock);
    expect(rolling.sum(900)).toBe(10);
    expect(rolling.sum(1_899)).toBe(10);
  });

  const entry = fc.record({
    wait: fc.oneof(fc.nat(50), fc.nat(3_000)),
    lasted: fc.nat(2_500),
    n: fc.nat(9),
  });

  test('says the same as counting by hand, wherever the clock begins', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -10_000, max: 10_000 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(entry, { maxLength: 40 }),
        (start, buckets, entries) => {
          const width = 100;
          const rolling = new Rolling(width * buckets, buckets);
          const all: { readonly from: number; readonly to: number; readonly n: number }[] = [];
          let now = start;
          for (const { wait, lasted, n } of entries) {
            now += wait;
            all.push({ from: now - lasted, to: now, n });
            if (lasted === 0) rolling.add(now, n);
            else rolling.spread(now - lasted, now, n);
            const begin = (Math.floor(now / width) - buckets + 1) * width;
            const expected = all.reduce((sum, { from, to, n: count }) => {
              const inside = from === to ? to >= begin : (to - Math.max(from, begin)) / (to - from);
              return sum + count * Math.max(0, Number(inside));
            }, 0);
            expect(rolling.sum(now)).toBeCloseTo(expected, 6);
          }
        },
      ),
    );
  });
});
