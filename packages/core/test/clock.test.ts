import { getEventListeners } from 'node:events';
import { ManualClock } from '@carom/core/testing';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { sleep, systemClock, systemRandom } from '../src/clock.js';
import { caught, watch } from './scenario.js';

describe('sleep', () => {
  test('takes the time it is given, and not a millisecond less', async () => {
    const clock = new ManualClock();
    const slept = watch(sleep(clock, 100));
    await clock.advance(99);
    expect(slept.state).toBe('pending');
    await clock.advance(1);
    expect(slept.state).toBe('fulfilled');
  });

  test.each([0, -1, Number.NaN])(
    '%d ms: resolves without a timer, on the real clock too',
    async (delay) => {
      const clock = new ManualClock();
      const slept = watch(sleep(clock, delay));
      expect(clock.pending).toBe(0);
      await clock.settle();
      expect(slept.state).toBe('fulfilled');
      await sleep(systemClock, delay);
    },
  );

  test('already aborted: rejects with the very reason, without a timer, on the real clock too', async () => {
    const reason = { why: 'shutdown' };
    const clock = new ManualClock();
    expect(await caught(sleep(clock, 100, AbortSignal.abort(reason)))).toBe(reason);
    expect(await caught(sleep(systemClock, 1e9, AbortSignal.abort(reason)))).toBe(reason);
    expect(await caught(sleep(clock, 0, AbortSignal.abort(reason)))).toBe(reason);
    expect(clock.pending).toBe(0);
  });

  test('aborted meanwhile: at once, with the very reason; no timer and no listener is left', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const slept = watch(sleep(clock, 100, controller.signal));
    controller.abort('stop');
    await clock.settle();
    expect(slept).toEqual({ state: 'rejected', error: 'stop' });
    expect(clock.pending).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('slept to the end: no listener is left', async () => {
    const clock = new ManualClock();
    const { signal } = new AbortController();
    const slept = sleep(clock, 100, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(100);
    await slept;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('the system clock', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  test('fires once, and not after it was cancelled', () => {
    jest.useFakeTimers();
    const fired: string[] = [];
    systemClock.after(100, () => fired.push('a'));
    const timer = systemClock.after(100, () => fired.push('b'));
    timer.cancel();
    jest.advanceTimersByTime(1_000);
    expect(fired).toEqual(['a']);
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each([0, -1, Number.NaN])('what is due in %d ms is due', (delay) => {
    jest.useFakeTimers();
    let fired = false;
    systemClock.after(delay, () => {
      fired = true;
    });
    jest.advanceTimersByTime(1);
    expect([fired, jest.getTimerCount()]).toEqual([true, 0]);
  });

  test('fires when its time has come to the millisecond', () => {
    jest.useFakeTimers();
    let fired = false;
    systemClock.after(100, () => {
      fired = true;
    });
    jest.advanceTimersByTime(100);
    expect(fired).toBe(true);
  });

  test('keeps the process alive as long as somebody waits for it, in each of many rounds', () => {
    jest.useFakeTimers();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const timer = systemClock.after(1e10, () => {});
    const round = (): boolean | undefined => {
      jest.advanceTimersByTime(2 ** 31);
      const armed = timers.mock.results.at(-1)?.value as NodeJS.Timeout | undefined;
      return armed?.hasRef();
    };
    expect(round()).toBe(true);
    timer.unref();
    expect([round(), timers.mock.calls.length]).toEqual([false, 3]);
    timer.ref();
    expect([round(), timers.mock.calls.length]).toEqual([true, 4]);
    timer.cancel();
  });

  // Node fires a timer of more than 2^31 - 1 ms after one millisecond.
  test.each([2 ** 31 - 1, 2 ** 31, 5e9, 1e11])('%d ms do not overflow', (delay) => {
    jest.useFakeTimers();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    let fired = 0;
    systemClock.after(delay, () => {
      fired += 1;
    });
    expect(timers.mock.lastCall?.[1]).toBeLessThan(2 ** 31);
    jest.advanceTimersByTime(delay - 1);
    expect(fired).toBe(0);
    jest.advanceTimersByTime(2);
    expect(fired).toBe(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  // Newer releases of Node warn of a timer of less than nothing.
  test('what is overdue fires at once', () => {
    jest.useFakeTimers();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const fired: string[] = [];
    systemClock.after(-150, () => fired.push('overdue'));
    expect(timers.mock.lastCall?.[1]).toBe(0);
    jest.advanceTimersByTime(1);
    expect(fired).toEqual(['overdue']);
  });

  test('a timer of many rounds can be cancelled in each of them', () => {
    jest.useFakeTimers();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const timer = systemClock.after(5e9, () => {
      throw new Error('fired');
    });
    expect(timers.mock.lastCall?.[1]).toBeLessThan(2 ** 31);
    jest.advanceTimersByTime(3e9);
    timer.cancel();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('endless is never', () => {
    jest.useFakeTimers();
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const timer = systemClock.after(Number.POSITIVE_INFINITY, () => {
      throw new Error('fired');
    });
    expect(timers.mock.lastCall?.[1]).toBeLessThan(2 ** 31);
    jest.advanceTimersByTime(1e11);
    timer.cancel();
    expect(jest.getTimerCount()).toBe(0);
  });

  // Node cuts off fractions of a millisecond and then fires that much too early.
  test('never fires before its time by its own clock', () => {
    jest.useFakeTimers();
    let now = 0.9;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    let firedAt: number | undefined;
    systemClock.after(100, () => {
      firedAt = now;
    });
    now = 100.2;
    jest.advanceTimersByTime(100);
    expect(firedAt).toBeUndefined();
    now = 101.3;
    jest.advanceTimersByTime(1);
    expect(firedAt).toBe(101.3);
  });

  test('moves forwards', () => {
    const before = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });

  test('real chance is from 0 to 1', () => {
    const many = Array.from({ length: 100 }, systemRandom);
    expect(Math.min(...many)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...many)).toBeLessThan(1);
    expect(new Set(many).size).toBeGreaterThan(90);
  });
});
