import { Cushion, createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { announce } from '../src/telemetry/announce.js';
import { Ear, events, fallback, subscriptions } from './hear.js';
import { failing, watch } from './scenario.js';

const { on, stopAll } = subscriptions();
afterEach(stopAll);

const one = (): void => announce('fallbackUsed', fallback);
const fail = (): never => {
  throw new Error('of the listener');
};

describe('what is not heard', () => {
  test('costs nothing: its detail is not even made', () => {
    const detail = jest.fn(fallback);
    announce('fallbackUsed', detail);
    on('shotRetry', () => {});
    announce('fallbackUsed', detail);
    on('fallbackUsed', () => {})();
    announce('fallbackUsed', detail);
    expect(detail).not.toHaveBeenCalled();
    on('fallbackUsed', () => {});
    on('fallbackUsed', () => {});
    announce('fallbackUsed', detail);
    expect(detail).toHaveBeenCalledTimes(1);
  });

  test('a shot reads no clock for it', async () => {
    const clock = new ManualClock();
    const now = jest.spyOn(clock, 'now');
    const strategy = createStrategy({ clock });
    await strategy.shot(() => 1);
    await strategy.shot(() => 1, {});
    expect(now).not.toHaveBeenCalled();
    on('shotCompleted', () => {});
    await strategy.shot(() => 1);
    expect(now).toHaveBeenCalled();
  });
});

describe('a listener', () => {
  const listeners: readonly (readonly [string, () => unknown])[] = [
    [
      'throws',
      () => {
        throw new Error('of the listener');
      },
    ],
    [
      'throws nothing at all',
      () => {
        throw undefined;
      },
    ],
    ['rejects', () => Promise.reject(new Error('of the listener'))],
    [
      'returns a thenable that throws',
      () => Object.defineProperty({}, 'then', { get: () => () => fail() }),
    ],
    ['returns what cannot be looked at', () => Object.defineProperty({}, 'then', { get: fail })],
  ];
  /** All that can be seen of some shots while it listens to everything. */
  async function history(listener: () => void): Promise<unknown> {
    const clock = new ManualClock();
    const { on, stopAll } = subscriptions();
    for (const event of events) on(event, listener);
    using ear = new Ear(clock);
    const cushion = new Cushion(
      'c',
      { failures: 3, lastCalls: 4, halfOpenAfter: 50 },
      { clock, random: () => 0 },
    );
    cushion.onChange(listener);
    const strategy = createStrategy({
      clock,
      cushion,
      retries: 2,
      onRetry: listener,
      jitter: false,
    });
    const ends: unknown[] = [];
    for (const [errors, options] of [[0], [1], [3], [0], [1, { attemptTimeout: 10 }]] as const) {
      const all = Array.from({ length: errors }, (_, n) => new Error(`${n}`));
      const result = watch(strategy.shot(failing(all, 'done'), options));
      await clock.advance(60_000);
      ends.push([result.state, result.value]);
    }
    stopAll();
    // The ids go on counting from one history to the next.
    const heard = ear.heard.map(({ detail, ...rest }) => ({ ...rest, ...detail, id: 0 }));
    return { ends, heard };
  }

  test.each(listeners)(
    'that %s touches neither the shot nor the other listeners',
    async (_, listener) => {
      const expected = (await history(() => {})) as { readonly heard: readonly unknown[] };
      expect(expected.heard.length).toBeGreaterThan(15);
      expect(await history(listener as () => void)).toEqual(expected);
    },
  );

  test('may stop, itself or another, in the middle of an event', () => {
    const heard: string[] = [];
    const first = on('fallbackUsed', () => {
      heard.push('first');
      first();
      second();
    });
    const second = on('fallbackUsed', () => heard.push('second'));
    on('fallbackUsed', () => heard.push('third'));
    one();
    one();
    expect(heard).toEqual(['first', 'third', 'third']);
  });

  test('that listens once more is told of the next event, and not of this one again', () => {
    let heard = 0;
    const again = (): void => {
      heard += 1;
      // Where it is told of this one again it would never end.
      if (heard < 100) on('fallbackUsed', again);
    };
    on('fallbackUsed', again);
    one();
    expect(heard).toBe(1);
    one();
    expect(heard).toBe(3);
  });

  test('of a cushion that listens once more: the same', () => {
    const cushion = new Cushion('c');
    let heard = 0;
    const again = (): void => {
      heard += 1;
      if (heard < 100) cushion.onChange(() => again());
    };
    cushion.onChange(again);
    cushion.isolate();
    expect(heard).toBe(1);
  });

  test('may play a shot, of the same strategy too', async () => {
    const strategy = createStrategy();
    const inner: unknown[] = [];
    const stop = on('shotStarted', () => {
      stop();
      inner.push(
        strategy.shotSync(() => 'sync'),
        strategy.shot(() => 'inner'),
      );
    });
    expect(await strategy.shot(() => 'outer')).toBe('outer');
    expect(await Promise.all(inner)).toEqual(['sync', 'inner']);
  });
});
