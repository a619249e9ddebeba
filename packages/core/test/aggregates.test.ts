/** Errors that hold several, as `Promise.any` throws them. */
import { CaromError, createStrategy, pocket } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { hostileProxy, withGetter } from './hostile.js';
import { caught } from './scenario.js';

const boom = new Error('boom');

function setup() {
  const clock = new ManualClock();
  const strategy = createStrategy({ clock, retries: 2, jitter: false });
  let calls = 0;
  const inner = (): Promise<never> =>
    strategy.shot(() => {
      calls += 1;
      throw new Error(`${calls}`);
    });
  const end = async (action: () => unknown): Promise<unknown> => {
    const error = caught(strategy.shot(action));
    await clock.advance(3_600_000);
    return error;
  };
  return { inner, end, calls: () => calls };
}

describe('what inner shots gave up is not bounced', () => {
  test('by way of Promise.any', async () => {
    const { inner, end, calls } = setup();
    expect(await end(() => Promise.any([inner(), inner()]))).toBeInstanceOf(AggregateError);
    expect(calls()).toBe(6);
  });

  test.each<[string, (error: unknown) => unknown]>([
    ['one of several', (error) => new AggregateError([boom, 'x', error])],
    [
      'as a cause of one of them',
      (error) => new AggregateError([new Error('x', { cause: error })]),
    ],
    ['as one of one of them', (error) => new AggregateError([new AggregateError([error])])],
    [
      'as one of those of a cause',
      (error) => new Error('x', { cause: new AggregateError([error]) }),
    ],
  ])('%s', async (_, wrap) => {
    const { inner, end, calls } = setup();
    await end(async () => {
      try {
        await inner();
      } catch (error) {
        throw wrap(error);
      }
    });
    expect(calls()).toBe(3);
  });
});

test.each<[string, () => unknown]>([
  ['is that of the work itself', () => new AggregateError([boom, boom])],
  ['is empty', () => new AggregateError([])],
  [
    'holds itself',
    () => {
      const circle = new AggregateError([]);
      circle.errors.push(...Array.from({ length: 500 }, () => circle));
      return circle;
    },
  ],
  ['has something else there', () => Object.assign(new Error('x'), { errors: { length: 3 } })],
  ['cannot be read', () => withGetter('errors')],
  ['cannot be read in part', () => new AggregateError([hostileProxy(), withGetter('cause')])],
  ['holds what cannot be read', () => Object.assign(new Error('x'), { errors: hostileProxy([]) })],
])('one that %s is bounced as any error', async (_, make) => {
  const { end } = setup();
  const error = make();
  let calls = 0;
  const thrown = await end(() => {
    calls += 1;
    throw error;
  });
  expect(Object.is(thrown, error)).toBe(true);
  expect(calls).toBe(3);
});

test('a pocket does not take it where a write among them may have been done', async () => {
  const unknown = new CaromError('CAROM_OUTCOME_UNKNOWN', 'who knows');
  const error = new AggregateError([boom, unknown]);
  expect(await caught(pocket(() => Promise.reject(error), 'fallback'))).toBe(error);
});
