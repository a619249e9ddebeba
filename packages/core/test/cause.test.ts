/** What went wrong before, as the `cause` of an error of Carom's own. */
import { CaromError, createStrategy, type StrategyOptions, Waiters } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, never } from './scenario.js';

const boom = new Error('boom');

const limits: readonly (readonly [string, StrategyOptions])[] = [
  ['timeout', { timeout: 1_000 }],
  ['attemptTimeout', { attemptTimeout: 500, retries: 1 }],
];

function setup(options: StrategyOptions) {
  const clock = new ManualClock();
  const strategy = createStrategy({ clock, baseDelay: 10, jitter: false, ...options });
  const end = async (shot: Promise<unknown>): Promise<Error> => {
    const error = caught(shot);
    await clock.advance(60_000);
    return (await error) as Error;
  };
  return { clock, strategy, end };
}

describe.each(limits)('where the %s runs out', (_, options) => {
  const ways: readonly (readonly [string, StrategyOptions])[] = [
    ['on the fast path', {}],
    ['on the slow path', { signal: new AbortController().signal }],
  ];
  test.each(ways)('it is the error of the attempt before: %s', async (__, more) => {
    const { strategy, end } = setup({ ...options, ...more });
    const error = await end(
      strategy.shot(({ attempt }) => (attempt === 1 ? Promise.reject(boom) : never())),
    );
    expect(error).toMatchObject({ code: 'CAROM_TIMEOUT' });
    expect(error.cause).toBe(boom);
  });

  test('it is none where the result of the attempt before did not satisfy', async () => {
    const { strategy, end } = setup({ ...options, whenResult: () => true });
    const error = await end(strategy.shot(({ attempt }) => (attempt === 1 ? 'secret' : never())));
    expect(error).toMatchObject({ code: 'CAROM_TIMEOUT' });
    expect('cause' in error).toBe(false);
  });

  test('an inner shot that was given the signal adds nothing to what is not its own', async () => {
    const { clock, strategy, end } = setup(options);
    const inner = createStrategy({ clock, baseDelay: 10, jitter: false });
    const shot = strategy.shot(
      ({ signal }) =>
        inner.shot(({ attempt }) => (attempt === 1 ? Promise.reject(boom) : never()), { signal }),
      { retries: 0 },
    );
    const error = await end(shot);
    expect(error).toMatchObject({ code: 'CAROM_TIMEOUT' });
    expect('cause' in error).toBe(false);
  });
});

test('two attempts that took too long: the first one', async () => {
  const { strategy, end } = setup({ attemptTimeout: 500, retries: 1 });
  const error = await end(strategy.shot(never));
  expect(error.cause).toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'attempt' });
  expect(error.cause).not.toBe(error);
});

test('an error after an attempt that took too long comes back as it is', async () => {
  const { strategy, end } = setup({ attemptTimeout: 500, retries: 1 });
  const error = await end(
    strategy.shot(({ attempt }) => (attempt === 1 ? never() : Promise.reject(boom))),
  );
  expect(error).toBe(boom);
  expect('cause' in boom).toBe(false);
});

test.each([
  ['an error before', () => Promise.reject(boom), boom],
  ['a result that did not satisfy', () => 'secret', undefined],
])('where the client was closed: %s', async (_, work, cause) => {
  const waiters = new Waiters();
  const { clock, strategy, end } = setup({ waiters, whenResult: () => true });
  const shot = end(strategy.shot(work));
  await clock.settle();
  waiters.sendAway(() => new CaromError('CAROM_CLOSED', 'closed'));
  const error = await shot;
  expect(error).toMatchObject({ code: 'CAROM_CLOSED' });
  expect(error.cause).toBe(cause);
  expect('cause' in error).toBe(cause !== undefined);
});
