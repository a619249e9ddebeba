/** The first attempt by a permit of its own: whatever comes of it, the permit is given back, and a failure is played on. */
import { Compartment, createStrategy, type Shot } from '@carom/core';
import { expect, test } from '@jest/globals';
import { FirstAttempt } from '../src/first-attempt.js';

type Play = (attempt: number) => unknown;

/** With one place, so that a permit that is kept shows. */
function world(play: Play) {
  const compartment = new Compartment('one', { limit: 1 });
  const strategy = createStrategy({ retries: 2, baseDelay: 0, cushion: false, compartment });
  const operation = { isBare: false, own: (error: unknown) => new Error('own', { cause: error }) };
  const bare: boolean[] = [];
  const judged: unknown[] = [];
  const shot: Shot<unknown> = {
    play({ attempt }) {
      bare.push(operation.isBare);
      return play(attempt);
    },
    judge(error) {
      judged.push(error);
      return { kind: 'stale', outcome: 'not-executed', connection: 'keep', reason: 'again' };
    },
  };
  const run = (): Promise<unknown> => {
    const permit = strategy.enter();
    expect(permit).not.toBe(0);
    return new FirstAttempt(strategy, shot, operation, permit).play();
  };
  return { run, bare, judged };
}

test('gives its answer, and its permit back', async () => {
  const { run, bare } = world(() => Promise.resolve('row'));
  expect(await run()).toBe('row');
  expect(await run()).toBe('row');
  expect(bare).toEqual([true, true]);
});

test('is played on with the error made our own, and whoever plays it then hears of errors by promise', async () => {
  const lost = new Error('lost');
  const { run, bare, judged } = world((attempt) =>
    attempt === 1 ? Promise.reject(lost) : Promise.resolve('row'),
  );
  expect(await run()).toBe('row');
  expect(judged).toMatchObject([{ message: 'own', cause: lost }]);
  expect(await run()).toBe('row');
  expect(bare).toEqual([true, false, true, false]);
});

test('what is thrown before there is a promise is played on as it is', async () => {
  const early = new Error('early');
  const { run, judged } = world((attempt) => {
    if (attempt === 1) throw early;
    return Promise.resolve('row');
  });
  expect(await run()).toBe('row');
  expect(judged).toEqual([early]);
  expect(await run()).toBe('row');
});
