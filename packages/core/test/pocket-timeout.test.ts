import { createStrategy, pocket, type StrategyOptions } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, never, watch } from './scenario.js';

const limits: readonly (readonly [string, StrategyOptions])[] = [
  ['attemptTimeout', { attemptTimeout: 20, retries: 1, baseDelay: 1, jitter: false }],
  ['timeout', { timeout: 20 }],
];

describe.each(limits)('a pocket below a shot whose %s runs out', (_, options) => {
  test.each([
    ['at once', undefined],
    ['with options for the call', {}],
  ])('takes it, also where an inner shot was given the signal: %s', async (__, perCall) => {
    const clock = new ManualClock();
    const inner = createStrategy({ clock });
    const outer = createStrategy({ clock, ...options });
    const plain = watch(
      pocket(() => outer.shot(({ signal }) => inner.shot(never, { signal }), perCall), 'fallback'),
    );
    const delayed = watch(
      pocket(
        () =>
          outer.shot(
            ({ signal }) => inner.shot(() => Promise.reject(new Error('x')), { signal }),
            perCall,
          ),
        'fallback',
      ),
    );
    await clock.advance(1_000);
    expect([plain.value, delayed.value]).toEqual(['fallback', 'fallback']);
  });
});

test('what the caller has taken back is not taken for a timeout', async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const inner = createStrategy({ clock });
  const outer = createStrategy({ clock, timeout: 20, signal: controller.signal });
  const end = caught(
    pocket(() => outer.shot(({ signal }) => inner.shot(never, { signal })), 'fallback'),
  );
  await clock.settle();
  const reason = new Error('the caller has gone');
  controller.abort(reason);
  await clock.advance(1_000);
  expect(await end).toBe(reason);
});
