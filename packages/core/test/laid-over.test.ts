/** Options that are laid over others: of a call, of `with`, of a registry. */
import { Budget, createStrategies, createStrategy, type Strategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { failing, thrown } from './scenario.js';

describe('a longest delay below the first one of what it is laid over bounds that too', () => {
  const clock = new ManualClock();
  const base = { clock, jitter: false, baseDelay: 100 };
  const maxDelay = 50;
  const rows: readonly (readonly [string, () => Strategy, object | undefined])[] = [
    ['of a call', () => createStrategy(base), { maxDelay }],
    ['of `with`', () => createStrategy(base).with({ maxDelay }), undefined],
    [
      'of `with`, of the default',
      () => createStrategy().with({ clock, jitter: false, maxDelay }),
      undefined,
    ],
    [
      'of a registry',
      () => createStrategies({ defaults: base, strategies: { a: { maxDelay } } }).get('a'),
      undefined,
    ],
  ];
  test.each(rows)('%s', async (_, make, call) => {
    const delays: number[] = [];
    const onRetry = ({ delay }: { readonly delay: number }): unknown => delays.push(delay);
    const shot = make().shot(failing([new Error('x')], 'done'), { ...call, onRetry });
    await clock.advance(1_000);
    expect(await shot).toBe('done');
    expect(delays).toEqual([50]);
  });

  test('a first delay that is laid over it has to be one itself', () => {
    const strategy = createStrategy({ maxDelay });
    for (const wrong of [{ baseDelay: 60 }, { baseDelay: 60, maxDelay: 55 }]) {
      expect(thrown(() => strategy.with(wrong))).toMatchObject({ option: 'baseDelay' });
    }
  });
});

test('defaults that contradict one another are a mistake without any strategy', () => {
  const defaults = { baseDelay: 100, maxDelay: 50 };
  const error = thrown(() => createStrategies({ defaults, strategies: {} }));
  expect(error).toMatchObject({ option: 'defaults.baseDelay' });
});

test('a budget of one’s own has all that the engine asks of one', () => {
  const budget = new Budget();
  const own = {
    deposit: () => {},
    wait: () => 0,
    counts: () => true,
    available: () => 1,
  };
  expect(() => createStrategy({ budget: own as never })).not.toThrow();
  expect(() => createStrategies({ strategies: { a: { budget: own as never } } })).not.toThrow();
  for (const missing of Object.keys(own)) {
    const without = { ...own, [missing]: undefined };
    expect(thrown(() => createStrategy({ budget: without as never }))).toMatchObject({
      option: 'budget',
      message: expect.stringContaining('a Budget'),
    });
  }
  expect(createStrategy({ budget }).options.budget).toBe(budget);
});
