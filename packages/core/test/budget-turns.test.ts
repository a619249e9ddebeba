/** Turns of a budget: what waits for bounces (retries) to be earned. */
import { Budget, createStrategy, sleep } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { failing, watch } from './scenario.js';

const boom = new Error('boom');

describe('where nothing is earned', () => {
  test('nobody waits for ever', async () => {
    const clock = new ManualClock();
    const options = { ratio: 0.2, perSecond: 0, whenSpent: 'wait' } as const;
    const budget = new Budget('a', options, { clock });
    expect(budget.wait(0, 'outage', Number.POSITIVE_INFINITY)).toBeUndefined();
    const strategy = createStrategy({ clock, budget, baseDelay: 0 });
    const slow = watch(
      strategy.shot(async () => {
        await sleep(clock, 5_000);
        throw boom;
      }),
    );
    await clock.advance(100);
    expect(budget.available(100, 'outage')).toBe(0);
    await clock.advance(4_900);
    expect(slow.error).toBe(boom);
    // Nor does it stand in the way of those who come when there is more again.
    for (let n = 0; n < 100; n++) await strategy.shot(() => n);
    const later = watch(strategy.shot(failing([boom], 'done')));
    await clock.advance(0);
    expect(later.value).toBe('done');
  });
});
