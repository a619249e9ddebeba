import {
  CaromError,
  Cushion,
  createStrategy,
  finalSequence,
  isFinalSince,
  type Strategy,
  type StrategyOptions,
  type Verdict,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, failing, never, verdict, watch } from './scenario.js';

function setup(): { clock: ManualClock; strategy: (options?: StrategyOptions) => Strategy } {
  const clock = new ManualClock();
  return {
    clock,
    strategy: (options) => createStrategy({ clock, random: () => 0, retries: 3, ...options }),
  };
}

async function end(clock: ManualClock, promise: Promise<unknown>): Promise<unknown> {
  const error = caught(promise);
  await clock.advance(3_600_000);
  return error;
}

describe('a shot inside a shot', () => {
  test.each<[string, unknown]>([
    ['an error', new Error('boom')],
    ['an object', { status: 503 }],
    ['a string', 'boom'],
    ['nothing', undefined],
  ])(
    'retries do not multiply: what the inner one gave up with %s is not bounced',
    async (_, error) => {
      const { clock, strategy } = setup();
      let calls = 0;
      const work = (): never => {
        calls += 1;
        throw error;
      };
      const outer = strategy().shot(() => strategy().shot(work));
      expect(await end(clock, outer)).toBe(error);
      expect(calls).toBe(4);
    },
  );

  test('nor with an error of ours, whatever a classifier makes of it', async () => {
    const { clock, strategy } = setup();
    const error = new CaromError('CAROM_X', 'boom');
    const work = failing(
      Array.from({ length: 99 }, () => error),
      'done',
    );
    const classify = () => verdict('outage');
    const outer = strategy({ classify }).shot(() => strategy({ classify }).shot(work));
    expect(await end(clock, outer)).toBe(error);
    expect(work.calls).toBe(4);
  });

  test('three deep neither', async () => {
    const { clock, strategy } = setup();
    const work = failing(
      Array.from({ length: 99 }, (_, n) => new Error(`${n}`)),
      'done',
    );
    const outer = strategy().shot(() => strategy().shot(() => strategy().shot(work)));
    expect(await end(clock, outer)).toMatchObject({ message: '3' });
    expect(work.calls).toBe(4);
  });

  test('nor when the error comes wrapped, as the cause of a cause', async () => {
    const { clock, strategy } = setup();
    const work = failing(
      Array.from({ length: 99 }, (_, n) => new Error(`${n}`)),
      'done',
    );
    const outer = strategy().shot(async () => {
      try {
        return await strategy().shot(work);
      } catch (cause) {
        throw new Error('saving failed', { cause: new Error('query failed', { cause }) });
      }
    });
    expect(await end(clock, outer)).toMatchObject({ message: 'saving failed' });
    expect(work.calls).toBe(4);
  });

  test('shouldBounce has no say in it', async () => {
    const { clock, strategy } = setup();
    const work = failing(
      Array.from({ length: 99 }, () => new Error('x')),
      'done',
    );
    const asked: unknown[] = [];
    const outer = strategy({ shouldBounce: (error) => asked.push(error) > 0 });
    await end(
      clock,
      outer.shot(() => strategy().shot(work)),
    );
    expect(work.calls).toBe(4);
    expect(asked).toEqual([]);
  });

  test('nor a refusal of its cushion, whatever the outer one makes of such errors', async () => {
    const { clock, strategy } = setup();
    const cushion = new Cushion('inner', { failures: 1, lastCalls: 1 }, { clock });
    cushion.isolate();
    const verdict: Verdict = {
      ...{ kind: 'outage', outcome: 'not-executed', connection: 'keep', reason: 'any' },
    };
    let calls = 0;
    const outer = strategy({ classify: () => verdict }).shot(() => {
      calls += 1;
      return strategy({ cushion }).shot(never);
    });
    expect(await end(clock, outer)).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
    expect(calls).toBe(1);
  });

  test('an error of the outer work itself is bounced as always', async () => {
    const { clock, strategy } = setup();
    const inner = failing([new Error('1'), new Error('2')], 'inner');
    let calls = 0;
    const outer = strategy().shot(async () => {
      const value = await strategy().shot(inner);
      calls += 1;
      if (calls < 3) throw new Error('of the outer');
      return value;
    });
    const result = watch(outer);
    await clock.advance(60_000);
    expect(result.value).toBe('inner');
    expect(calls).toBe(3);
  });

  test('an inner failure that was dealt with does not stop the outer one', async () => {
    const { clock, strategy } = setup();
    let calls = 0;
    const outer = strategy().shot(async () => {
      await strategy({ retries: 0 })
        .shot(() => Promise.reject(new Error('inner')))
        .catch(() => {});
      calls += 1;
      if (calls < 2) throw new Error('of the outer');
      return 'done';
    });
    const result = watch(outer);
    await clock.advance(60_000);
    expect(result.value).toBe('done');
  });

  test('causes that go round in a circle, or throw, are no trouble', async () => {
    const { clock, strategy } = setup();
    const circle = new Error('a') as Error & { cause: unknown };
    circle.cause = new Error('b', { cause: circle });
    const trap = Object.defineProperty(new Error('trap'), 'cause', {
      get() {
        throw new Error('of the getter');
      },
    });
    for (const error of [circle, trap]) {
      const action = failing([error, error], 'done');
      const result = watch(strategy({ retries: 1 }).shot(action));
      await clock.advance(60_000);
      expect(result.error).toBe(error);
    }
  });
});

describe('shots one after the other', () => {
  test('the same error object, thrown by both, is bounced by both', async () => {
    const { clock, strategy } = setup();
    const shared = new Error('pool is closed');
    for (let n = 0; n < 2; n++) {
      const action = failing([shared, shared, shared, shared], 'done');
      expect(await end(clock, strategy().shot(action))).toBe(shared);
      expect(action.calls).toBe(4);
    }
  });

  test('the mark is on the sequence, not on the error: it can be frozen and stays as it was', async () => {
    const { clock, strategy } = setup();
    const error = Object.freeze(new Error('frozen'));
    const before = finalSequence();
    expect(isFinalSince(error, before)).toBe(false);
    await end(
      clock,
      strategy({ retries: 0 }).shot(() => Promise.reject(error)),
    );
    expect(isFinalSince(error, before)).toBe(true);
    expect(isFinalSince(new Error('x', { cause: error }), before)).toBe(true);
    expect(isFinalSince(error, finalSequence())).toBe(false);
    expect(isFinalSince('frozen', before)).toBe(false);
  });
});

describe("an attempt's signal handed on to an inner shot", () => {
  // The inner shot ends with the outer one's own timeout, which is not a decision of the inner one.
  test.each<[string, (inner: Strategy, signal: AbortSignal) => Promise<unknown>]>([
    ['in an attempt', (inner, signal) => inner.shot(never, { signal })],
    [
      'in a delay',
      (inner, signal) =>
        inner.shot(() => Promise.reject(new Error('x')), { signal, baseDelay: 9_000 }),
    ],
  ])(
    'while the inner one is %s: the outer attempt that took too long is bounced',
    async (_, play) => {
      const { clock, strategy } = setup();
      const inner = strategy();
      let calls = 0;
      const outer = strategy({ attemptTimeout: 50 }).shot(({ attempt, signal }) => {
        calls = attempt;
        return attempt < 3 ? play(inner, signal) : 'done';
      });
      const result = watch(outer);
      await clock.advance(60_000);
      expect(result).toEqual({ state: 'fulfilled', value: 'done' });
      expect(calls).toBe(3);
      expect(clock.pending).toBe(0);
    },
  );

  test('while the inner one is parked', async () => {
    const { clock, strategy } = setup();
    const inner = strategy({ cushion: { failures: 1, whenOpen: 'park', halfOpenAfter: 1e6 } });
    inner.cushion?.circuit.fail(inner.cushion.circuit.enter());
    let calls = 0;
    const outer = strategy({ attemptTimeout: 50 }).shot(({ attempt, signal }) => {
      calls = attempt;
      return attempt < 3 ? inner.shot(() => 'inner', { signal }) : 'done';
    });
    const result = watch(outer);
    await clock.advance(60_000);
    expect(result).toEqual({ state: 'fulfilled', value: 'done' });
    expect(calls).toBe(3);
    expect(clock.pending).toBe(0);
  });
});
