import {
  type CircuitOpenError,
  Cushion,
  createStrategy,
  finalSequence,
  type Strategy,
  type StrategyOptions,
  scoreboard,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Compartment } from '../src/bulkhead/compartment.js';
import { Throttle } from '../src/rate-limit/throttle.js';
import { Budget } from '../src/retry/budget.js';
import { byPermit } from './by-permit.js';
import { caught, watch } from './scenario.js';

describe('the permit path', () => {
  test('resumes with the very same error, and counts its attempt', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({ clock, retries: 1 });
    const errors = [new Error('1'), new Error('2')];
    const attempts: number[] = [];
    const shot = {
      play: ({ attempt }: { readonly attempt: number }): never => {
        attempts.push(attempt);
        throw errors[attempt - 1];
      },
    };
    const result = watch(byPermit(strategy, shot));
    await clock.advance(10_000);
    expect(result.error).toBe(errors[1]);
    expect(attempts).toEqual([1, 2]);
  });

  test('does not bounce what a shot inside it gave up', async () => {
    const strategy = createStrategy({ retries: 3 });
    const inner = createStrategy({ retries: 0 });
    const error = new Error('of the inner one');
    let calls = 0;
    const play = (): Promise<never> => {
      calls += 1;
      return inner.shot(() => Promise.reject(error));
    };
    expect(await caught(byPermit(strategy, { play }))).toBe(error);
    expect(calls).toBe(1);
  });
});

/** It lets nobody in who asks for the first time. */
class Shy extends Compartment {
  #asked = 0;

  override tryEnter(): boolean {
    this.#asked += 1;
    return this.#asked % 2 === 0 && super.tryEnter();
  }
}

test.each<[string, (strategy: Strategy) => unknown, StrategyOptions]>([
  ['by permit', (strategy) => byPermit(strategy, { play: () => 1 }), {}],
  ['on the fast path', (strategy) => strategy.shot(() => 1), {}],
  ['with a clock', (strategy) => strategy.shot(() => 1), { timeout: 1_000 }],
  ['on the slow path', (strategy) => strategy.shot(() => 1, {}), {}],
  ['synchronous', (strategy) => strategy.shotSync(() => 1), {}],
  ['synchronous, with a clock', (strategy) => strategy.shotSync(() => 1), { timeout: 1_000 }],
  [
    'refused by a gate at first',
    (strategy) => strategy.shot(() => 1),
    { compartment: new Shy('c', { limit: 1 }) },
  ],
])('the budget counts a shot once: %s', async (_, play, options) => {
  const clock = new ManualClock();
  const budget = new Budget('b', { ratio: 1, perSecond: 0 }, { clock });
  const strategy = createStrategy({ clock, budget, ...options });
  for (let n = 1; n <= 3; n++) {
    await play(strategy);
    expect(budget.available(clock.now(), 'outage')).toBe(n);
  }
});

describe('there is no permit', () => {
  const rows: readonly (readonly [string, StrategyOptions])[] = [
    ['a timeout', { timeout: 1_000 }],
    ['an attempt timeout', { attemptTimeout: 1_000 }],
    ['a signal', { signal: new AbortController().signal }],
    ['whenResult', { whenResult: () => false }],
    ['slow calls that count', { cushion: { slowAfter: 100 } }],
  ];
  test.each(rows)('with %s', (_, options) => {
    const compartment = new Compartment('c', { limit: 1 });
    const budget = new Budget('b', { ratio: 1_000, perSecond: 0 });
    const strategy = createStrategy({ compartment, budget, ...options });
    expect(strategy.enter()).toBe(0);
    expect(compartment.active).toBe(0);
    // A shot is counted once, by whoever plays it in the end.
    expect(budget.available(performance.now(), 'outage')).toBe(0);
    expect(createStrategy({ compartment }).enter()).not.toBe(0);
  });

  test('with a timeout that never ends there is one', () => {
    expect(createStrategy({ timeout: Number.POSITIVE_INFINITY }).enter()).not.toBe(0);
  });

  test.each(['shotStarted', 'shotCompleted', 'shotFailed'] as const)(
    'while somebody listens to %s',
    (event) => {
      const strategy = createStrategy();
      const stop = scoreboard.on(event, () => {});
      expect(strategy.enter()).toBe(0);
      stop();
      expect(strategy.enter()).not.toBe(0);
      const other = scoreboard.on('shotRetry', () => {});
      expect(strategy.enter()).not.toBe(0);
      other();
    },
  );

  test('while the cushion is open, isolated, or has all its probes out', async () => {
    const clock = new ManualClock();
    const cushion = new Cushion('c', { failures: 1, halfOpenAfter: 100 }, { clock });
    const compartment = new Compartment('c', { limit: 5 }, { clock });
    const strategy = createStrategy({ clock, cushion, compartment, retries: 0 });
    const first = strategy.enter();
    const error = new Error('x');
    expect(
      await caught(
        strategy.resume({ play: () => 1 }, { error, permit: first, inner: finalSequence() }),
      ),
    ).toBe(error);
    expect(cushion.state).toBe('open');
    expect(strategy.enter()).toBe(0);
    const refused = (await caught(byPermit(strategy, { play: () => 1 }))) as CircuitOpenError;
    expect(refused.code).toBe('CAROM_CIRCUIT_OPEN');
    await clock.advance(100);
    // Who knocks is a probe, and is played as one.
    expect([strategy.enter(), cushion.state]).toEqual([0, 'open']);
    const probe = byPermit(strategy, { play: () => cushion.state });
    expect([strategy.enter(), cushion.state]).toEqual([0, 'half-open']);
    expect(await probe).toBe('half-open');
    expect(cushion.state).toBe('closed');
    const late = strategy.enter();
    cushion.isolate();
    expect(strategy.enter()).toBe(0);
    // The permit of an older epoch decides nothing, and gives its place back all the same.
    strategy.succeed(late);
    expect(cushion.state).toBe('isolated');
    expect(compartment.active).toBe(0);
  });

  test('where a gate is full: those before it, and the probe, are given back', async () => {
    const clock = new ManualClock();
    const cushion = new Cushion('c', { failures: 1, halfOpenAfter: 100 }, { clock });
    const throttle = new Throttle('t', { rate: 10 }, { clock });
    const compartment = new Compartment('c', { limit: 1 }, { clock });
    const strategy = createStrategy({ clock, cushion, throttle, compartment });
    cushion.circuit.fail(cushion.circuit.enter());
    await clock.advance(100);
    expect(compartment.tryEnter()).toBe(true);
    expect(await caught(byPermit(strategy, { play: () => 1 }))).toMatchObject({
      code: 'CAROM_COMPARTMENT_FULL',
    });
    expect([cushion.state, cushion.retryAfter]).toEqual(['half-open', 0]);
    compartment.leave();
    expect(await byPermit(strategy, { play: () => compartment.active })).toBe(1);
    expect([cushion.state, compartment.active]).toEqual(['closed', 0]);
  });
});
