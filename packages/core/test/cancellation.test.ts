import { getEventListeners } from 'node:events';
import { createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { onAbort } from '../src/cancellation.js';
import { never, watch } from './scenario.js';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('onAbort', () => {
  test('calls each callback once, in order, and leaves nothing behind', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => called.push('a'));
    onAbort(controller.signal, () => called.push('b'));
    expect(listeners(controller.signal)).toBe(1);
    controller.abort();
    controller.abort();
    expect(called).toEqual(['a', 'b']);
    expect(listeners(controller.signal)).toBe(0);
  });

  test('not after leaving; the last one takes the listener along, and the next brings another', () => {
    const controller = new AbortController();
    const called: string[] = [];
    const leave = onAbort(controller.signal, () => called.push('a'));
    leave();
    leave();
    expect(listeners(controller.signal)).toBe(0);
    const leaveB = onAbort(controller.signal, () => called.push('b'));
    onAbort(controller.signal, () => called.push('c'));
    leaveB();
    expect(listeners(controller.signal)).toBe(1);
    controller.abort();
    expect(called).toEqual(['c']);
  });

  test('a callback may take another one out', () => {
    const controller = new AbortController();
    const called: string[] = [];
    let leave = (): void => {};
    onAbort(controller.signal, () => leave());
    leave = onAbort(controller.signal, () => called.push('b'));
    controller.abort();
    expect(called).toEqual([]);
    expect(listeners(controller.signal)).toBe(0);
  });

  test('no signal, or one that has aborted: nothing happens', () => {
    onAbort(undefined, () => {
      throw new Error('called');
    })();
    onAbort(AbortSignal.abort(), () => {
      throw new Error('called');
    });
  });
});

// Node 20 warns of a memory leak at the eleventh listener of a signal.
test('hundreds of shots on one signal are one listener, and one abort ends them all', async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const strategy = createStrategy({ clock, signal: controller.signal, timeout: 1_000 });
  const all = Array.from({ length: 300 }, () => watch(strategy.shot(never)));
  await clock.settle();
  expect(listeners(controller.signal)).toBe(1);
  controller.abort('stop');
  await clock.settle();
  expect(all.every(({ error }) => error === 'stop')).toBe(true);
  expect(listeners(controller.signal)).toBe(0);
  expect(clock.pending).toBe(0);
});
