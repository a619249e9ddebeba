import {
  type Attempt,
  Cushion,
  createStrategy,
  type RetryEvent,
  type Strategy,
  type StrategyOptions,
  shotSync,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Compartment } from '../src/bulkhead/compartment.js';
import { systemClock } from '../src/clock.js';
import { Throttle } from '../src/rate-limit/throttle.js';
import { Budget } from '../src/retry/budget.js';
import { thrown, verdict } from './scenario.js';

/** A synchronous action that throws the given errors one after the other and then returns `value`. */
function failing<T>(
  errors: readonly unknown[],
  value: T,
): ((attempt: Attempt) => T) & { seen: number[] } {
  const action = ({ attempt }: Attempt): T => {
    action.seen.push(attempt);
    if (action.seen.length <= errors.length) throw errors[action.seen.length - 1];
    return value;
  };
  action.seen = [] as number[];
  return action;
}

function setup(options: StrategyOptions = {}): { clock: ManualClock; strategy: Strategy } {
  const clock = new ManualClock();
  return { clock, strategy: createStrategy({ clock, jitter: false, ...options }) };
}

const boom = (n: number = 0): Error => new Error(`${n}`);

describe('a synchronous shot', () => {
  test.each([undefined, null, 0, '', false, Object.fromEntries([['then', 5]])])(
    'returns %p as it is',
    (value) => {
      const { clock, strategy } = setup();
      expect(strategy.shotSync(() => value)).toBe(value);
      expect(strategy.shotSync(() => value, {})).toBe(value);
      expect(shotSync(() => value)).toBe(value);
      expect(clock.now()).toBe(0);
    },
  );

  test('is played again in order, after delays that block', () => {
    const { clock, strategy } = setup();
    const action = failing([boom(1), boom(2)], 'done');
    const times: number[] = [];
    const result = strategy.shotSync((attempt) => {
      times.push(clock.now());
      return action(attempt);
    });
    expect([result, action.seen, times]).toEqual(['done', [1, 2, 3], [0, 100, 300]]);
    expect(clock.pending).toBe(0);
  });

  test.each([
    [undefined, 4],
    [2, 3],
  ])(
    'with retries %p makes %d attempts, and throws the last error: the same object',
    (retries, attempts) => {
      const errors = Array.from({ length: 9 }, (_, n) => Object.freeze(boom(n)));
      const { strategy } = setup({ retries });
      const action = failing(errors, 'done');
      expect(thrown(() => strategy.shotSync(action))).toBe(errors[attempts - 1]);
      expect(action.seen).toHaveLength(attempts);
      const perCall = failing(errors, 'done');
      expect(thrown(() => setup().strategy.shotSync(perCall, { retries }))).toBe(
        errors[attempts - 1],
      );
    },
  );

  test('has the same rules: programming errors, shouldBounce, classify, patience, what is told', () => {
    const told: RetryEvent[] = [];
    const slip = new TypeError('a slip');
    const attempts = (error: unknown, options: StrategyOptions): number => {
      const action = failing([error, error, error], 'done');
      const { strategy } = setup({ onRetry: (event) => told.push(event), ...options });
      try {
        strategy.shotSync(action);
      } catch (last) {
        expect(last).toBe(error);
      }
      return action.seen.length;
    };
    expect(attempts(slip, {})).toBe(1);
    expect(attempts(slip, { shouldBounce: () => true })).toBe(4);
    expect(attempts(boom(), { shouldBounce: () => false })).toBe(1);
    expect(attempts(boom(), { classify: () => verdict('permanent') })).toBe(1);
    told.length = 0;
    expect(attempts(boom(), { patience: 150 })).toBe(3);
    expect(told).toMatchObject([
      { attempt: 1, delay: 100, verdict: { kind: 'outage' } },
      { attempt: 2, delay: 50, verdict: { kind: 'outage' } },
    ]);
  });

  test('inside another one: retries do not multiply', () => {
    const { strategy } = setup();
    const action = failing(Array.from({ length: 99 }, boom), 'done');
    expect(thrown(() => strategy.shotSync(() => strategy.shotSync(action)))).toBeInstanceOf(Error);
    expect(action.seen).toHaveLength(4);
  });

  test('asks the budget', () => {
    const clock = new ManualClock();
    const budget = new Budget('b', { ratio: 0, perSecond: 1, lastMs: 1_000 }, { clock });
    const { strategy } = setup({ clock, budget });
    const errors = [boom(1), boom(2), boom(3)];
    const action = failing(errors, 'done');
    expect(thrown(() => strategy.shotSync(action))).toBe(errors[1]);
    expect(budget.available(clock.now(), 'outage')).toBe(0);
    const generous = new Budget('b', { ratio: 1, perSecond: 0 }, { clock });
    for (let n = 0; n < 3; n++) setup({ clock, budget: generous }).strategy.shotSync(() => 1);
    expect(generous.available(clock.now(), 'outage')).toBe(3);
  });
});

describe('its clocks', () => {
  test('the time is over between two attempts', () => {
    const { clock, strategy } = setup({ timeout: 250 });
    const errors = [boom(1), boom(2), boom(3)];
    const action = failing(errors, 'done');
    const error = thrown(() =>
      strategy.shotSync((attempt) => {
        clock.block(20);
        return action(attempt);
      }),
    );
    expect(error).toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'shot', limit: 250 });
    expect((error as Error).cause).toBe(errors[1]);
    expect([action.seen, clock.now()]).toEqual([[1, 2], 250]);
  });

  test('no clock ends an attempt: one that took too long and failed is not played again', () => {
    const { clock, strategy } = setup({ timeout: 250 });
    const error = boom();
    const slow = (): never => {
      clock.block(300);
      throw error;
    };
    expect(thrown(() => strategy.shotSync(slow))).toBe(error);
    const late = setup({ timeout: 250, attemptTimeout: 10 });
    const value = late.strategy.shotSync(({ abandonable }) => {
      late.clock.block(300);
      return abandonable;
    });
    expect(value).toBe(false);
    expect([clock.pending, late.clock.pending]).toEqual([0, 0]);
  });

  test('the system’s blocks for as long as it says, and not at all for nothing', () => {
    for (const delay of [-1, 0, 5, 7.5]) {
      const before = performance.now();
      systemClock.block(delay);
      expect(performance.now() - before).toBeGreaterThanOrEqual(delay);
    }
    const before = performance.now();
    const action = failing([boom(), boom()], 'done');
    expect(shotSync(action, { baseDelay: 4, jitter: false })).toBe('done');
    expect(performance.now() - before).toBeGreaterThanOrEqual(12);
  });
});

describe('its cushion and its gates', () => {
  const open = (clock: ManualClock, whenOpen: 'park' | 'reject'): Cushion => {
    const cushion = new Cushion(
      'c',
      { failures: 2, lastCalls: 4, halfOpenAfter: 500, whenOpen },
      { clock },
    );
    const { circuit } = cushion;
    for (let n = 0; n < 2; n++) circuit.fail(circuit.enter());
    return cushion;
  };

  test.each(['reject', 'park'] as const)(
    'open (%s): refused at once, with nothing played',
    (whenOpen) => {
      const clock = new ManualClock();
      const cushion = open(clock, whenOpen);
      const { strategy } = setup({ clock, cushion });
      const action = failing([], 'done');
      expect(thrown(() => strategy.shotSync(action))).toMatchObject({
        code: 'CAROM_CIRCUIT_OPEN',
        retryAfter: 500,
      });
      expect([action.seen, clock.now(), cushion.parked]).toEqual([[], 0, 0]);
    },
  );

  test.each([
    [true, 'closed'],
    [false, 'open'],
  ])('half-open: the probe succeeds (%p), and it is %s', (succeeds, state) => {
    const clock = new ManualClock();
    const cushion = open(clock, 'reject');
    const { strategy } = setup({ clock, cushion, retries: 0 });
    clock.block(500);
    // The blocked thread heard no timer; the next turn does.
    return clock.advance(0).then(() => {
      let inside: unknown;
      const probe = (): string => {
        inside = cushion.state;
        if (!succeeds) throw boom();
        return 'done';
      };
      if (succeeds) expect(strategy.shotSync(probe)).toBe('done');
      else expect(thrown(() => strategy.shotSync(probe))).toMatchObject({ message: '0' });
      expect(inside).toBe('half-open');
      expect(cushion.state).toBe(state);
    });
  });

  test('its attempts count, and it ends with its own error where it opens in between', () => {
    const clock = new ManualClock();
    const cushion = new Cushion('c', { failures: 2, lastCalls: 4 }, { clock });
    const { strategy } = setup({ clock, cushion, retries: 9 });
    const errors = [boom(1), boom(2), boom(3)];
    const action = failing(errors, 'done');
    expect(thrown(() => strategy.shotSync(action))).toBe(errors[1]);
    expect([action.seen, cushion.state]).toEqual([[1, 2], 'open']);
  });

  test('a full gate: refused at once, no token taken, and the place given back', () => {
    const clock = new ManualClock();
    const throttle = new Throttle('t', { rate: 2 }, { clock });
    const compartment = new Compartment('c', { limit: 1, maxQueued: 9 }, { clock });
    const { strategy } = setup({ clock, throttle, compartment });
    const refused = (): unknown => thrown(() => strategy.shotSync(() => 'no'));
    const inner = strategy.shotSync(() => {
      expect(compartment.active).toBe(1);
      return refused();
    });
    expect(inner).toMatchObject({ code: 'CAROM_COMPARTMENT_FULL' });
    expect([compartment.active, compartment.queued]).toEqual([0, 0]);
    expect(strategy.shotSync(() => 'second')).toBe('second');
    expect(refused()).toMatchObject({ code: 'CAROM_THROTTLED', retryAfter: 500 });
    expect([compartment.active, throttle.queued, clock.now()]).toEqual([0, 0, 0]);
  });
});
