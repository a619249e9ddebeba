import { Bounce, Cushion, createStrategy, type VerdictKind } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, watch } from './scenario.js';

/** An action that returns the given values one after the other, and the last one for ever. */
function returning<T>(...values: readonly T[]): (() => Promise<T>) & { calls: number } {
  const action = async (): Promise<T> => {
    action.calls += 1;
    return values[Math.min(action.calls, values.length) - 1] as T;
  };
  action.calls = 0;
  return action;
}

const not200 = (value: unknown): boolean => value !== 200;

describe('whenResult', () => {
  test('a result that is no success is bounced like an error', async () => {
    const clock = new ManualClock();
    const action = returning(503, 503, 200);
    const delays: number[] = [];
    const strategy = createStrategy({
      clock,
      random: () => 0,
      whenResult: not200,
      onRetry: ({ delay, verdict, error }) => {
        delays.push(delay);
        // The result is nobody's business but the caller's.
        expect([verdict.kind, error]).toEqual(['outage', undefined]);
      },
    });
    const result = watch(strategy.shot(action));
    await clock.advance(1_000);
    expect(result).toEqual({ state: 'fulfilled', value: 200 });
    expect(delays).toEqual([100, 100]);
  });

  test('the last result comes back when the retries are used up: as the same object', async () => {
    const clock = new ManualClock();
    const last = { status: 503 };
    const action = returning({ status: 500 }, last);
    const result = watch(
      createStrategy({ clock, retries: 1, whenResult: () => true }).shot(action),
    );
    await clock.advance(1_000);
    expect(result.value).toBe(last);
    expect(action.calls).toBe(2);
  });

  test('where it does not answer, the result is one', async () => {
    const action = returning(503);
    await createStrategy({ whenResult: () => undefined as never }).shot(action);
    expect(action.calls).toBe(1);
  });

  test.each<[string, () => unknown]>([
    ['0', () => 0],
    ['1', () => 1],
    ['an empty string', () => ''],
    ['a word that is no kind', () => 'nonsense'],
    ['the name of what all objects have', () => 'constructor'],
    ['a list', () => ['outage']],
    ['a promise, of true even', async () => true],
    ['null', () => null],
  ])('nor where it answers neither true nor a kind: %s', async (_, answer) => {
    const action = returning(503);
    const options = { retries: 1, baseDelay: 0, whenResult: answer as () => boolean };
    expect(await createStrategy(options).shot(action)).toBe(503);
    expect(action.calls).toBe(1);
  });

  test('the attempt is told', async () => {
    const clock = new ManualClock();
    const attempts: number[] = [];
    const whenResult = (_: unknown, attempt: number): boolean => {
      attempts.push(attempt);
      return true;
    };
    const result = watch(createStrategy({ clock, retries: 2, whenResult }).shot(returning(1)));
    await clock.advance(100_000);
    expect(result.value).toBe(1);
    expect(attempts).toEqual([1, 2, 3]);
  });

  test('a kind of failure sets the pace', async () => {
    const clock = new ManualClock();
    const delays: number[] = [];
    const strategy = createStrategy({
      clock,
      random: () => 0.5,
      retries: 1,
      whenResult: () => 'contention',
      patience: 20,
      onRetry: ({ delay }) => delays.push(delay),
    });
    const result = watch(strategy.shot(returning('busy')));
    await clock.advance(1_000);
    expect(result.value).toBe('busy');
    expect(delays).toEqual([5, 10, 5]);
  });

  test.each<[boolean | VerdictKind, number, string]>([
    [true, 5, 'open'],
    ['outage', 5, 'open'],
    ['permanent', 1, 'closed'],
    ['contention', 3, 'closed'],
    ['overload', 3, 'closed'],
  ])('%s: %d failures that the cushion counts, %s', async (kind, retries, state) => {
    const clock = new ManualClock();
    const cushion = new Cushion('c', { failures: 3, lastCalls: 3 }, { clock });
    const strategy = createStrategy({
      clock,
      cushion,
      retries,
      patience: 1_000,
      random: () => 0.5,
      whenResult: () => kind,
    });
    const result = watch(strategy.shot(returning('no')));
    await clock.advance(60_000);
    expect(result).toEqual({ state: 'fulfilled', value: 'no' });
    expect(cushion.state).toBe(state);
  });

  test('no time is left: the timeout, with nothing that went wrong before', async () => {
    const clock = new ManualClock();
    const result = watch(
      createStrategy({ clock, timeout: 50, whenResult: () => true }).shot(returning(1)),
    );
    await clock.advance(60);
    expect(result.state).toBe('rejected');
    expect(result.error).toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'shot' });
  });

  test('work that may not be done twice is not played again for its result', async () => {
    const action = returning(1);
    const shot = { play: action, repeatable: () => false };
    expect(await createStrategy({ whenResult: () => true }).play(shot)).toBe(1);
    expect(action.calls).toBe(1);
  });

  test('shouldBounce is about errors and has no say', async () => {
    const clock = new ManualClock();
    const action = returning(1, 2);
    const strategy = createStrategy({
      clock,
      shouldBounce: () => false,
      whenResult: (value) => value === 1,
    });
    const result = watch(strategy.shot(action));
    await clock.advance(1_000);
    expect(result.value).toBe(2);
  });

  test('what it throws is the error of the shot, and final', async () => {
    const error = new TypeError('a slip');
    const action = returning(1);
    const whenResult = (): never => {
      throw error;
    };
    expect(await caught(createStrategy({ whenResult }).shot(action))).toBe(error);
    expect(action.calls).toBe(1);
  });

  test('per call, and as a word of Bounce', async () => {
    const clock = new ManualClock();
    const perCall = watch(
      createStrategy({ clock }).shot(returning(503, 200), { whenResult: not200 }),
    );
    const fluent = createStrategy(Bounce.times(1).whenResult(not200)).with({ clock });
    const spelled = watch(fluent.shot(returning(503, 200)));
    await clock.advance(1_000);
    expect([perCall.value, spelled.value]).toEqual([200, 200]);
  });

  test('in a synchronous shot', () => {
    const clock = new ManualClock();
    let calls = 0;
    const strategy = createStrategy({ clock, retries: 2, whenResult: not200 });
    const value = strategy.shotSync(() => {
      calls += 1;
      return calls === 3 ? 200 : 503;
    });
    expect(value).toBe(200);
    calls = -10;
    const last = strategy.shotSync(() => {
      calls += 1;
      return 503;
    });
    expect([last, calls]).toEqual([503, -7]);
  });
});
