import { Bounce, createStrategy, shot } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, failing, thrown, verdict, watch } from './scenario.js';

describe('Bounce', () => {
  test('builds the same options as the plain form', () => {
    const bounce = Bounce.times(3)
      .withDelay(100)
      .withMaxDelay(2_000)
      .withTimeout(5_000)
      .withAttemptTimeout(1_000)
      .withoutJitter();
    expect(bounce.options).toEqual({
      retries: 3,
      baseDelay: 100,
      maxDelay: 2_000,
      timeout: 5_000,
      attemptTimeout: 1_000,
      jitter: false,
    });
  });

  test('each word makes a new value, and none can be changed', () => {
    const three = Bounce.times(3);
    const slow = three.withDelay(1_000);
    expect(three.options).toEqual({ retries: 3 });
    expect(slow.options).toEqual({ retries: 3, baseDelay: 1_000 });
    expect(Object.isFrozen(slow.options)).toBe(true);
  });

  test('times(n) is n retries: n + 1 attempts', async () => {
    const clock = new ManualClock();
    const action = failing(
      [1, 2, 3, 4].map((n) => new Error(`${n}`)),
      'done',
    );
    const strategy = createStrategy({ ...Bounce.times(2).options, clock });
    const result = watch(strategy.shot(action));
    await clock.advance(60_000);
    expect(result).toMatchObject({ state: 'rejected', error: { message: '3' } });
    expect(action.calls).toBe(3);
  });

  test('when: only where the predicate says so, and nothing else counts as a yes', async () => {
    const clock = new ManualClock();
    const played = async (answer: unknown): Promise<number> => {
      const action = failing([new Error('boom')], 'done');
      const { options } = Bounce.times(3).when(() => answer as boolean);
      const result = watch(createStrategy({ ...options, clock }).shot(action));
      await clock.advance(1_000);
      expect(result.state).not.toBe('pending');
      return action.calls;
    };
    expect(await played(true)).toBe(2);
    expect(await played(false)).toBe(1);
    expect(await played(undefined)).toBe(1);
    expect(await played('')).toBe(1);
    expect(await played('yes')).toBe(1);
    expect(await played(1)).toBe(1);
    // An async predicate is a promise, whatever it will say.
    expect(await played(Promise.resolve(false))).toBe(1);
    expect(await played(Promise.resolve(true))).toBe(1);
  });

  test('when: a predicate that is none is refused at once', () => {
    expect(thrown(() => Bounce.times(3).when(/transient/ as never))).toMatchObject({
      option: 'shouldBounce',
      message: expect.stringContaining('a function'),
    });
  });

  test('when is given the error itself', async () => {
    const error = new Error('boom');
    const seen: unknown[] = [];
    const bounce = Bounce.times(3).when((it) => seen.push(it) === 0);
    expect(await caught(shot(failing([error], 'done'), bounce))).toBe(error);
    expect(seen).toEqual([error]);
  });

  test('on: where the error is of one of the classes, and no other bounces', () => {
    const { shouldBounce } = Bounce.times(3).on(TypeError, RangeError).options;
    const asked = (error: unknown): unknown => shouldBounce?.(error, 1, verdict('outage'));
    expect([new RangeError('r'), new TypeError('t')].map(asked)).toEqual([true, true]);
    expect([new Error('e'), 'TypeError', undefined].map(asked)).toEqual([false, false, false]);
  });

  test('on and when: one yes is enough', () => {
    const asked: unknown[] = [];
    const bounce = Bounce.times(3)
      .on(TypeError)
      .when((error) => {
        asked.push(error);
        return error === 'mine';
      });
    const answers = ['mine', new TypeError('t'), 'other'].map((error) =>
      bounce.options.shouldBounce?.(error, 1, verdict('outage')),
    );
    expect(answers).toEqual([true, true, false]);
    expect(asked).toHaveLength(3);
  });

  test('on: what is no class is refused at once', () => {
    expect(thrown(() => Bounce.times(3).on(TypeError, 'RangeError' as never))).toMatchObject({
      option: 'on',
      message: expect.stringContaining('RangeError'),
    });
  });

  test.each<[string, unknown]>([
    ['an arrow function', () => 1],
    ['an async function', async () => true],
    ['a method', { is: () => true }.is],
  ])('on: so is %s, of which there are no instances', (_, none) => {
    expect(thrown(() => Bounce.times(3).on(none as never))).toMatchObject({
      option: 'on',
      message: 'option `on` is a function; allowed: a class',
    });
  });

  test('on: a class that is bound, abstract, or of one that knows its instances by itself', () => {
    abstract class Abstract extends Error {}
    class Own extends Error {
      static override [Symbol.hasInstance](error: unknown): boolean {
        return error === 'mine';
      }
    }
    const bound = TypeError.bind(null) as unknown as typeof TypeError;
    const { shouldBounce } = Bounce.times(3).on(bound, Abstract, Own).options;
    const asked = (error: unknown): unknown => shouldBounce?.(error, 1, verdict('outage'));
    expect([new TypeError('t'), 'mine', 'other'].map(asked)).toEqual([true, true, false]);
  });

  test('whenResult: on results that the predicate does not take for success', async () => {
    const { options } = Bounce.times(3).whenResult((value) => value === 'busy');
    const strategy = createStrategy({ ...options, baseDelay: 0 });
    const results = ['busy', 'busy', 'done', 'never'];
    expect(await strategy.shot(() => results.shift())).toBe('done');
    expect(results).toEqual(['never']);
  });

  test('whenResult: a predicate that is none is refused at once', () => {
    expect(thrown(() => Bounce.times(3).whenResult('busy' as never))).toMatchObject({
      option: 'whenResult',
      message: expect.stringContaining('a function'),
    });
  });

  test('is taken by createStrategy and by shot as it is', async () => {
    expect(createStrategy(Bounce.times(7)).options).toEqual({ retries: 7 });
    expect(await shot(() => 'done', Bounce.times(1))).toBe('done');
  });

  test('a wrong number is refused when the strategy is made', () => {
    expect(thrown(() => createStrategy(Bounce.times(-1)))).toMatchObject({
      code: 'CAROM_INVALID_OPTION',
      option: 'retries',
      message: expect.stringContaining('-1'),
    });
  });
});
