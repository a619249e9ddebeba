import { getEventListeners } from 'node:events';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { within } from '../src/timeout/shot-clock.js';
import { deferred, never, watch } from './scenario.js';

const limits = (clock: ManualClock, signal: AbortSignal | undefined) => ({
  rules: { clock, signal, attemptTimeout: undefined, timeout: undefined },
  deadline: Number.POSITIVE_INFINITY,
});

describe('within limits', () => {
  test('a signal alone needs no timer', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const played = watch(within(limits(clock, controller.signal), never));
    await clock.settle();
    expect([played.state, clock.pending]).toEqual(['pending', 0]);
    controller.abort('stop');
    await clock.settle();
    expect(played).toEqual({ state: 'rejected', error: 'stop' });
  });

  test('a signal that aborted before ends the wait at once, and is listened to no more', async () => {
    const clock = new ManualClock();
    const signal = AbortSignal.abort('before');
    const ended: unknown[] = [];
    const work = deferred<string>();
    const played = watch(
      within(
        limits(clock, signal),
        () => work.promise,
        (reason) => ended.push(reason),
      ),
    );
    await clock.settle();
    expect([played.error, ended]).toEqual(['before', ['before']]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    work.resolve('late');
    await clock.settle();
    expect(played.state).toBe('rejected');
  });
  test.each([
    ['hangs', never],
    [
      'throws',
      (): never => {
        throw new Error('of the action');
      },
    ],
  ])('an action that aborts the signal itself, and then %s, is cancelled once', async (_, end) => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const told: string[] = [];
    const played = watch(
      within(
        limits(clock, controller.signal),
        () => {
          controller.abort('stop');
          return end();
        },
        (reason) => told.push(`abandon: ${reason}`),
        (reason) => {
          told.push(`cancel: ${reason}`);
          return undefined;
        },
      ),
    );
    await clock.settle();
    expect(played.error).toBe('stop');
    expect(told).toEqual(['abandon: stop', 'cancel: stop']);
  });
});
