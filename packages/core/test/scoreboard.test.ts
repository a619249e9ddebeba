import { getEventListeners } from 'node:events';
import { Cushion, createStrategy, InvalidOptionError, scoreboard } from '@carom/core';
import { afterEach, describe, expect, test } from '@jest/globals';
import { announce } from '../src/telemetry/announce.js';
import { events, fallback, subscriptions } from './hear.js';
import { thrown } from './scenario.js';

const { on, stopAll } = subscriptions();
afterEach(stopAll);

const one = (): void => announce('fallbackUsed', fallback);

describe('listening', () => {
  test('ends when told so; to end it twice is harmless, also for others', () => {
    const heard: string[] = [];
    const first = on('fallbackUsed', () => heard.push('first'));
    const second = on('fallbackUsed', () => heard.push('second'));
    one();
    first();
    first();
    one();
    second();
    one();
    const third = on('fallbackUsed', () => heard.push('third'));
    first();
    second();
    one();
    third();
    expect(heard).toEqual(['first', 'second', 'second', 'third']);
  });

  test('ends with a `using` block', () => {
    const heard: unknown[] = [];
    {
      using _subscription = on('fallbackUsed', ({ error }) => heard.push(error));
      one();
    }
    one();
    expect(heard).toEqual(['x']);
  });

  test('ends when its signal aborts, and leaves no listener at the signal', () => {
    const heard: unknown[] = [];
    const controller = new AbortController();
    const { signal } = controller;
    on('fallbackUsed', () => heard.push(1), { signal });
    on('shotRetry', () => {}, { signal });
    const stop = on('fallbackUsed', () => heard.push(2), { signal });
    stop();
    one();
    controller.abort();
    one();
    expect(heard).toEqual([1]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('that was ended leaves no listener at the signal of it', () => {
    const { signal } = new AbortController();
    const stops = [1, 2].map(() => on('shotStarted', () => {}, { signal }));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const stop of stops) stop();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('never begins with a signal that has aborted', () => {
    const heard: unknown[] = [];
    const signal = AbortSignal.abort();
    const stop = on('shotStarted', () => heard.push(1), { signal });
    expect(createStrategy().enter()).not.toBe(0);
    stop();
    expect(createStrategy().enter()).not.toBe(0);
    expect(heard).toEqual([]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('twice with one function: heard twice, and each ends for itself', () => {
    let heard = 0;
    const listener = (): void => {
      heard += 1;
    };
    const first = on('fallbackUsed', listener);
    on('fallbackUsed', listener);
    one();
    expect(heard).toBe(2);
    first();
    one();
    expect(heard).toBe(3);
  });

  test('to a cushion twice with one function: the same', () => {
    const cushion = new Cushion('c');
    let heard = 0;
    const listener = (): void => {
      heard += 1;
    };
    const first = cushion.onChange(listener);
    cushion.onChange(listener);
    cushion.isolate();
    expect(heard).toBe(2);
    first();
    cushion.close();
    expect(heard).toBe(3);
  });

  test.each([
    ['event', ['shotBegan', () => {}], '"shotBegan"', '"circuitOpened"'],
    ['event', [undefined, () => {}], 'undefined', '"shotStarted"'],
    ['event', ['toString', () => {}], '"toString"', '"shotStarted"'],
    ['listener', ['shotStarted', undefined], 'undefined', 'a function'],
    ['listener', ['shotStarted', {}], 'an object', 'a function'],
    ['signal', ['shotStarted', () => {}, { signal: 'stop' }], '"stop"', 'an AbortSignal'],
    ['once', ['shotStarted', () => {}, { once: true }], 'true', 'signal'],
    ['options', ['shotStarted', () => {}, null], 'null', 'a plain object'],
  ])('a wrong %s is refused, and nobody listens', (option, args, shown, allowed) => {
    const error = thrown(() =>
      (scoreboard.on as (...args: readonly unknown[]) => unknown)(...args),
    );
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ code: 'CAROM_INVALID_OPTION', option });
    for (const part of [`\`${option}\``, shown, allowed])
      expect((error as Error).message).toContain(part);
    expect(createStrategy().enter()).not.toBe(0);
  });

  test('knows every event', () => {
    for (const event of events) expect(() => on(event, () => {})()).not.toThrow();
    expect(Object.isFrozen(scoreboard)).toBe(true);
  });
});
