import {
  CaromError,
  createStrategy,
  type Strategy,
  type StrategyOptions,
  shotSync,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Compartment } from '../src/bulkhead/compartment.js';
import { byPermit } from './by-permit.js';
import { thrown } from './scenario.js';

/** Nobody hears of the target of a proxy. */
function handled(): Promise<never> {
  const rejected = Promise.reject(new Error('of the target'));
  rejected.catch(() => {});
  return rejected;
}

/** What says that it is a promise and is none: the built-in `then` refuses it. */
const odd: readonly (readonly [string, () => unknown])[] = [
  ['a proxy of a promise', () => new Proxy(Promise.resolve(1), {})],
  ['a proxy of one that is rejected', () => new Proxy(handled(), {})],
  ['an object made after a promise', () => Object.create(Promise.prototype)],
];

type Way = (strategy: Strategy, action: () => Promise<unknown>) => Promise<unknown>;

const plays: Way = (strategy, action) => strategy.shot(action);
const ways: readonly (readonly [string, Way, StrategyOptions])[] = [
  ['on the fast path', plays, {}],
  ['with a clock running', plays, { attemptTimeout: 1_000 }],
  ['on the slow path', plays, { signal: new AbortController().signal }],
  ['with options for the call', (strategy, action) => strategy.shot(action, {}), {}],
  ['by permit', (strategy, play) => byPermit(strategy, { play }) as Promise<unknown>, {}],
];

describe.each(odd)('%s', (_, make) => {
  test.each(ways)(
    'is refused as `await` refuses it, and nothing is held: %s',
    async (__, way, o) => {
      const made = make();
      const clock = new ManualClock();
      const compartment = new Compartment('c', { limit: 1 }, { clock });
      const strategy = createStrategy({ clock, compartment, ...o });
      const played = way(strategy, () => made as Promise<unknown>);
      await expect(played).rejects.toThrow(TypeError);
      expect([compartment.active, clock.pending]).toEqual([0, 0]);
      expect(await way(strategy, async () => 'next')).toBe('next');
    },
  );

  test('is not synchronous', () => {
    const made = make();
    const error = thrown(() => shotSync(() => made));
    expect(error).toBeInstanceOf(CaromError);
    expect(error).toMatchObject({ code: 'CAROM_NOT_SYNC' });
  });
});

test('a proxy that hands its promise on is followed', async () => {
  const get = (target: Promise<number>, key: keyof Promise<number>): unknown => {
    const value = target[key];
    return typeof value === 'function' ? value.bind(target) : value;
  };
  const proxy = new Proxy(Promise.resolve(7), { get } as ProxyHandler<Promise<number>>);
  for (const [, way, options] of ways) {
    expect(await way(createStrategy(options), () => proxy)).toBe(7);
  }
});
