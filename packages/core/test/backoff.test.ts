import { createStrategy } from '@carom/core';
import { ManualClock, seededRandom } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BackoffRules, backoff } from '../src/retry/backoff.js';
import { failing, watch } from './scenario.js';

const rules = (jitter: BackoffRules['jitter'], base = 100, max = 30_000): BackoffRules => ({
  base,
  max,
  jitter,
});
const anyJitter = fc.constantFrom<BackoffRules['jitter']>('decorrelated', 'full', 'none');

describe('backoff', () => {
  test('is never negative, never above the maximum, never NaN, whatever the numbers', () => {
    fc.assert(
      fc.property(
        anyJitter,
        fc.double({ min: 0, max: 86_400_000, noNaN: true }),
        fc.double({ min: 0, max: 86_400_000, noNaN: true }),
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 86_400_000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (jitter, base, more, bounce, previous, chance) => {
          const max = base + more;
          const delay = backoff({ base, max, jitter }, bounce, previous, () => chance);
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(max);
        },
      ),
    );
  });

  test('decorrelated: between the base and three times the last delay', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 30_000, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (bounce, previous, chance) => {
          const delay = backoff(rules('decorrelated'), bounce, previous, () => chance);
          expect(delay).toBeGreaterThanOrEqual(100);
          expect(delay).toBeLessThanOrEqual(Math.min(30_000, Math.max(300, previous * 3)));
        },
      ),
    );
  });

  test('decorrelated: the whole range is used, and the first delay too is a matter of chance', () => {
    expect(backoff(rules('decorrelated'), 1, 0, () => 0)).toBe(100);
    expect(backoff(rules('decorrelated'), 1, 0, () => 0.5)).toBe(200);
    expect(backoff(rules('decorrelated'), 7, 1_000, () => 0.5)).toBe(1_550);
    expect(backoff(rules('decorrelated'), 7, 29_000, () => 0.9)).toBe(30_000);
  });

  test('decorrelated: two callers that failed together do not stay together', () => {
    const delays = (seed: number): readonly number[] => {
      const random = seededRandom(seed);
      let previous = 0;
      return [1, 2, 3, 4].map((bounce) => {
        previous = backoff(rules('decorrelated'), bounce, previous, random);
        return previous;
      });
    };
    expect(delays(1)).toEqual(delays(1));
    expect(delays(1)).not.toEqual(delays(2));
  });

  test.each([Number.NaN, undefined, -1, 2, Number.POSITIVE_INFINITY, 'x'])(
    'chance that is %p is none: the real one takes its place',
    (chance) => {
      const random = (): number => chance as number;
      const decorrelated = backoff(rules('decorrelated'), 1, 0, random);
      expect(decorrelated).toBeGreaterThanOrEqual(100);
      expect(decorrelated).toBeLessThanOrEqual(300);
      const full = [1, 2, 3].map(() => backoff(rules('full'), 1, 0, random));
      expect(full.every((delay) => delay >= 0 && delay <= 100)).toBe(true);
      // All callers at once is what jitter is against.
      expect(new Set(full).size).toBeGreaterThan(1);
    },
  );

  test('chance that is 1 is as long as it can get', () => {
    expect(backoff(rules('decorrelated'), 1, 0, () => 1)).toBe(300);
    expect(backoff(rules('full'), 1, 0, () => 1)).toBe(100);
  });

  test('full: between zero and the exponential delay', () => {
    expect([1, 2, 3].map((n) => backoff(rules('full'), n, 0, () => 0.5))).toEqual([50, 100, 200]);
    expect(backoff(rules('full'), 3, 0, () => 0)).toBe(0);
  });

  test('none: the exponential delay itself, the last one does not matter, chance is not asked', () => {
    const chance = (): number => {
      throw new Error('asked');
    };
    const delays = [1, 2, 3, 4, 20].map((n) => backoff(rules('none'), n, 17, chance));
    expect(delays).toEqual([100, 200, 400, 800, 30_000]);
  });

  test.each(['full', 'none'] as const)('%s: no overflow after thousands of bounces', (jitter) => {
    expect(backoff(rules(jitter), 5_000, 0, () => 0.5)).toBe(jitter === 'none' ? 30_000 : 15_000);
    expect(backoff(rules(jitter, 0), 5_000, 0, () => 0.5)).toBe(0);
  });
});

test('a `random` that says nothing, a mock say, does not hold a shot for ever', async () => {
  const clock = new ManualClock();
  const random = (() => undefined) as unknown as () => number;
  const action = failing([new Error('1'), new Error('2')], 'done');
  const played = watch(createStrategy({ clock, random, timeout: 60_000 }).shot(action));
  await clock.advance(60_000);
  expect(played).toEqual({ state: 'fulfilled', value: 'done' });
});

describe('the option `jitter`', () => {
  test.each([
    [undefined, [200, 350]],
    [true, [200, 350]],
    ['decorrelated', [200, 350]],
    ['full', [50, 100]],
    [false, [100, 200]],
    ['none', [100, 200]],
  ] as const)('%p: the delays are %p', async (jitter, expected) => {
    const clock = new ManualClock();
    const delays: number[] = [];
    const strategy = createStrategy({
      clock,
      jitter,
      random: () => 0.5,
      baseDelay: 100,
      retries: 2,
      onRetry: ({ delay }) => delays.push(delay),
    });
    const played = watch(strategy.shot(failing([new Error('1'), new Error('2')], 'done')));
    await clock.advance(1_000);
    expect(played.value).toBe('done');
    expect(delays).toEqual(expected);
  });
});
