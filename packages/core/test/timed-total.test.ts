import { createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { never, watch } from './scenario.js';

describe('the whole time', () => {
  test('counts from the beginning of the first attempt, though that failed on another path', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ clock, jitter: false, timeout: 500 });
    const first = new Error('first');
    let second: AbortSignal | undefined;
    const result = watch(
      strategy.shot(async ({ attempt, signal }) => {
        if (attempt > 1) {
          second = signal;
          return never();
        }
        await new Promise<void>((resolve) => void clock.after(300, resolve));
        throw first;
      }),
    );
    await clock.advance(499);
    expect(result.state).toBe('pending');
    expect(second?.aborted).toBe(false);
    await clock.advance(1);
    expect(result.error).toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'shot', limit: 500 });
    expect((result.error as Error).cause).toBe(first);
    expect(second?.reason).toBe(result.error);
    expect(clock.pending).toBe(0);
  });

  test('counts for each shot alone, of many that begin at different times', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ clock, timeout: 500, retries: 50, baseDelay: 20 });
    const ended: number[] = [];
    for (let n = 0; n < 20; n++) {
      const action = n % 2 === 0 ? never : () => Promise.reject(new Error('x'));
      strategy.shot(action).catch((error: unknown) => {
        expect(error).toMatchObject({ scope: 'shot', limit: 500 });
        ended[n] = clock.now();
      });
      await clock.advance(7);
    }
    await clock.advance(10_000);
    expect(ended).toEqual(Array.from({ length: 20 }, (_, n) => n * 7 + 500));
    expect(clock.pending).toBe(0);
  });

  test('ends the shot with the error that its attempt was told, at any time by any clock', async () => {
    const time = fc.double({ min: 1, max: 1e9, noNaN: true });
    await fc.assert(
      fc.asyncProperty(time, time, fc.boolean(), async (start, timeout, same) => {
        const clock = new ManualClock(start);
        const attemptTimeout = same ? timeout : timeout * 2;
        const retried: unknown[] = [];
        const onRetry = (event: unknown): unknown => retried.push(event);
        const strategy = createStrategy({ clock, timeout, attemptTimeout, onRetry, baseDelay: 0 });
        const signals: AbortSignal[] = [];
        const result = watch(
          strategy.shot(({ signal }) => {
            signals.push(signal);
            return never();
          }),
        );
        await clock.advance(timeout * 1.5);
        expect(signals.map(({ reason }) => reason)).toEqual([result.error]);
        expect(result.error).toBe(signals[0]?.reason);
        expect(result.error).toMatchObject({ scope: 'shot', limit: timeout });
        expect((result.error as Error).cause).toBeUndefined();
        expect(retried).toEqual([]);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
  });
});
