import { type Attempt, Cushion, createStrategy, type StrategyOptions } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Compartment } from '../src/bulkhead/compartment.js';
import { boom, firsts } from './first-attempts.js';
import { Ear } from './hear.js';
import { watch } from './scenario.js';

/** Options and what a call adds: all of them are the same strategy, on one path or another. */
const ways: readonly (readonly [string, StrategyOptions, StrategyOptions | undefined, 'heard'?])[] =
  [
    ['the fast path', {}, undefined],
    ['the fast path, heard', {}, undefined, 'heard'],
    ['the slow path', {}, {}],
    ['the slow path, with a signal', { signal: new AbortController().signal }, undefined],
    ['the slow path, with whenResult', { whenResult: () => false }, undefined],
    ['the fast path with a clock', { timeout: 60_000 }, undefined],
    ['the fast path with two clocks', { timeout: 60_000, attemptTimeout: 30_000 }, undefined],
    ['the fast path with a clock, heard', { timeout: 60_000 }, undefined, 'heard'],
    ['the slow path with a clock', { attemptTimeout: 30_000 }, {}],
  ];

/** A compartment that counts. */
class Turnstile extends Compartment {
  entered = 0;
  left = 0;

  override tryEnter(): boolean {
    const entered = super.tryEnter();
    if (entered) this.entered += 1;
    return entered;
  }

  override leave(): void {
    this.left += 1;
    super.leave();
  }
}

describe.each(firsts)('an action that %s', (_, first, ends) => {
  test.each(ways)('%s', async (__, options, perCall, ...[heard]) => {
    const clock = new ManualClock();
    using ___ = heard === 'heard' ? new Ear(clock) : undefined;
    const gate = new Turnstile('c', { limit: 1 }, { clock });
    const delays: number[] = [];
    const strategy = createStrategy({
      clock,
      random: () => 0,
      retries: 2,
      cushion: new Cushion('c', { failures: 1, lastCalls: 1 }, { clock }),
      compartment: gate,
      onRetry: ({ delay }) => delays.push(delay),
      classify: () => ({ kind: 'overload', outcome: 'unknown', connection: 'keep', reason: 'x' }),
      ...options,
    });
    let calls = 0;
    const action = ({ attempt }: Attempt): unknown => {
      calls += 1;
      expect(attempt).toBe(calls);
      return attempt === 1 ? first() : 'second';
    };
    const result = watch(strategy.shot(action, perCall));
    await clock.advance(60_000);
    const attempts = ends === 'first' ? 1 : 2;
    expect(result).toEqual({ state: 'fulfilled', value: ends });
    expect({ calls, entered: gate.entered, left: gate.left }).toEqual({
      calls: attempts,
      entered: attempts,
      left: attempts,
    });
    expect(delays).toEqual(ends === 'first' ? [] : [500]);
    expect(strategy.cushion?.state).toBe('closed');
    expect(clock.pending).toBe(0);
  });
});

test('a success and a failure count at the cushion the same way on each path', async () => {
  const states: unknown[] = [];
  for (const [, options, perCall] of ways) {
    const clock = new ManualClock();
    const cushion = new Cushion('c', { failures: 2, lastCalls: 3 }, { clock });
    const strategy = createStrategy({ clock, cushion, retries: 0, ...options });
    const seen: unknown[] = [];
    for (const fails of [true, false, false, true, true]) {
      const shot = watch(strategy.shot(() => (fails ? Promise.reject(boom) : 'done'), perCall));
      await clock.settle();
      seen.push([shot.state, cushion.state]);
    }
    states.push(seen);
  }
  expect(states[0]).toEqual([
    ['rejected', 'closed'],
    ['fulfilled', 'closed'],
    ['fulfilled', 'closed'],
    ['rejected', 'closed'],
    ['rejected', 'open'],
  ]);
  for (const other of states) expect(other).toEqual(states[0]);
});
