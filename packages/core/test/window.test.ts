import { seededRandom } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createWindow, type Window } from '../src/breaker/window.js';

/** When a call is recorded. */
let now = 0;
const clock = { now: () => now };

const count = (failures: number, lastCalls: number): Window =>
  createWindow({ kind: 'count', failures, lastCalls }, clock);
function time(ratio = 0.5, lastMs = 10_000, minimum = 10): Window {
  now = 0;
  return createWindow({ kind: 'time', ratio, lastMs, minimum }, clock);
}
/** Forgets at that time. */
function clear(window: Window, at = now): void {
  now = at;
  window.clear();
}

/** Records calls one after the other, `x` failed, `.` not; the place of the `x` that opens it, from 1. */
function opensAt(window: Window, calls: string, every = 1, from = 0): number | undefined {
  let opened: number | undefined;
  [...calls].forEach((call, n) => {
    now = from + n * every;
    if (call === 'x' && window.failure(now)) opened ??= n + 1;
    if (call === '.') window.successes(1, now);
  });
  return opened;
}

describe('the count window', () => {
  test.each([
    ['opens before it is full', 'xxxxx', 5],
    ['counts failures among the last calls, not in a row', 'x.x.x.x.x', 9],
    ['forgets what is older than the last calls', 'xxxx..........xxxx', undefined],
    ['an old failure leaves as a new one comes', 'x.........xxxx', undefined],
    ['just within', 'x.....xxxx', 10],
    ['a call that was never made is no failure', 'xxxx', undefined],
  ])('%s', (_, calls, expected) => {
    expect(opensAt(count(5, 10), calls)).toBe(expected);
  });

  test('says the same as counting by hand', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 8 }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        (failures, more, results) => {
          const lastCalls = failures + more;
          const window = count(failures, lastCalls);
          results.forEach((failed, n) => {
            const last = results.slice(Math.max(0, n + 1 - lastCalls), n + 1);
            const expected = last.filter(Boolean).length >= failures;
            if (failed) expect(window.failure(n)).toBe(expected);
            else window.successes(1, now);
          });
        },
      ),
    );
  });

  test('clear forgets', () => {
    const window = count(5, 10);
    opensAt(window, '...xxxx');
    clear(window);
    expect(opensAt(window, 'xxxx')).toBeUndefined();
    expect(opensAt(window, 'x')).toBe(1);
  });
});

describe('the time window', () => {
  test.each([
    ['no call but failures: at the minimum', 'xxxxxxxxxxxxxxx', 10],
    ['below the minimum', 'xxxxxxxxx', undefined],
    ['every second call, once chance is no explanation', '.x'.repeat(100), 140],
    ['three of four', 'xxx.'.repeat(20), 26],
    ['three of ten', 'xxx.......'.repeat(500), undefined],
    ['none', '.'.repeat(500), undefined],
  ])('opens by ratio: %s', (_, calls, expected) => {
    expect(opensAt(time(), calls)).toBe(expected);
  });

  test('a busy window and then no answer at all: twice the minimum in a row', () => {
    expect(opensAt(time(), `${'.'.repeat(5_000)}${'x'.repeat(30)}`)).toBe(5_020);
    expect(
      opensAt(time(), `${'.'.repeat(5_000)}${`${'x'.repeat(19)}.`.repeat(20)}`),
    ).toBeUndefined();
  });

  test('failures hours apart are not in a row', () => {
    const window = time();
    for (let hour = 0; hour < 100; hour++) expect(window.failure(hour * 3_600_000)).toBe(false);
  });

  test('nor are those with exactly a window between them', () => {
    const window = time(0.5, 100, 2);
    for (let nth = 0; nth < 10; nth++) expect(window.failure(nth * 100)).toBe(false);
  });

  test('what is older than the window does not count', () => {
    const window = time();
    opensAt(window, 'x'.repeat(9));
    expect(opensAt(window, 'x', 1, 5_000)).toBe(1);
    clear(window, 5_000);
    opensAt(window, 'x'.repeat(9), 1, 5_001);
    expect(opensAt(window, 'x'.repeat(9), 1, 16_000)).toBeUndefined();
  });

  test('it slides in tenths: the oldest tenth goes, the rest stays', () => {
    const window = time(0.5, 1_000, 10);
    opensAt(window, 'xxxxx', 0, 0);
    opensAt(window, 'xxxx', 0, 100);
    expect(opensAt(window, 'xxxxx', 0, 1_050)).toBeUndefined();
    expect(opensAt(window, 'x', 0, 1_060)).toBe(1);
  });

  test('a clock that does not move forwards does no harm', () => {
    const window = time();
    opensAt(window, 'xxxxx', 0, 60_000);
    expect(opensAt(window, 'xxxxx', 0, 20_000)).toBe(5);
  });

  test('has many told at once while they come fast: twice as many as before, up to 1,024', () => {
    const window = time();
    expect(window.successes(64, 100)).toBe(64);
    clear(window, 0);
    expect(window.successes(64, 0)).toBe(128);
    const asked = [99, 198, 297, 396, 495, 594].map((ms, n) =>
      window.successes(Math.min(64 * 2 ** n, 1_024), ms),
    );
    expect(asked).toEqual([128, 256, 512, 1_024, 1_024, 1_024]);
    expect(window.successes(1_024, 694)).toBe(64);
    expect(window.successes(63, 695)).toBe(64);
    expect(window.successes(64, 600)).toBe(64);
    clear(window, 550);
    expect(window.successes(64, 650)).toBe(64);
    expect(window.count(650)).toEqual({ failed: 0, total: 64 });
  });

  test('what it is told late is spread over the time since', () => {
    const window = time();
    window.successes(0, 0);
    window.successes(200, 20_000);
    expect(window.count(20_000).total).toBeCloseTo(90, 6);
  });

  test('so are the first ones, and those since it forgot: of an hour only the last seconds count', () => {
    const window = time();
    const hour = 3_600_000;
    for (let nth = 1; nth <= 2; nth++) {
      window.successes(1_023, nth * hour);
      expect(window.count(nth * hour).total).toBeLessThan(3);
      clear(window, nth * hour);
    }
    window.successes(63, 3 * hour);
    expect(opensAt(window, 'x'.repeat(20), 10, 3 * hour)).toBe(11);
  });

  test('being told of none ends no row', () => {
    const window = time(0.5, 10_000, 5);
    for (let n = 0; n < 1_000; n++) window.successes(1, 0);
    for (let n = 1; n < 10; n++) {
      expect(window.failure(0)).toBe(false);
      window.successes(0, 0);
    }
    expect(window.failure(0)).toBe(true);
  });

  test('clear forgets, the row too', () => {
    const window = time();
    opensAt(window, 'x'.repeat(9));
    clear(window);
    expect(opensAt(window, `x${'.'.repeat(1_000)}${'x'.repeat(19)}`, 0, now)).toBeUndefined();
    clear(window);
    expect(opensAt(window, 'x', 0, now)).toBeUndefined();
  });

  test.each([
    [0.2, 5],
    [0.8, 20],
    [1, 3],
  ])(
    'another ratio and minimum (%d, %d): the minimum alone opens an empty window',
    (ratio, minimum) => {
      expect(opensAt(time(ratio, 10_000, minimum), 'x'.repeat(50))).toBe(minimum);
    },
  );

  // A cushion that opens at a steady error rate below its ratio does more harm than the errors.
  test.each([
    [1_000, 20],
    [100, 100],
    [10, 20],
  ])('a steady 30 %% of failures at %d calls a second never opens it', (perSecond, seeds) => {
    const opened: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const window = time();
      const random = seededRandom(seed);
      for (let call = 0; call < 20_000; call++) {
        now = (call * 1_000) / perSecond;
        if (random() >= 0.3) window.successes(1, now);
        else if (window.failure(now)) {
          opened.push(seed);
          break;
        }
      }
    }
    expect(opened).toEqual([]);
  });

  test.each([0.6, 0.8, 1])('a steady %d of failures opens it within a few seconds', (share) => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = seededRandom(seed);
      const calls = Array.from({ length: 300 }, () => (random() < share ? 'x' : '.')).join('');
      expect(opensAt(time(), calls, 10)).toBeLessThan(300);
    }
  });
});
