/** Relays are used again by the next who waits, so that each end must reach the one who waits for it, and once. */
import { expect, test } from '@jest/globals';
import { type Hearer, relay } from '../../src/unit/relay.js';

/** Says what it is told, under its name. */
const saying = (name: string): Hearer<unknown, string> => ({
  fulfilled: (value) => `${name} got ${value}`,
  rejected: (error) => `${name} failed with ${error}`,
});

function pending() {
  let end = (_value: unknown): void => {};
  const promise = new Promise<unknown>((resolve) => {
    end = resolve;
  });
  return { promise, end };
}

test('each of those who wait at once is told how its own promise ended', async () => {
  const [first, second] = [pending(), pending()];
  const told = [relay(first.promise, saying('first')), relay(second.promise, saying('second'))];
  second.end('2');
  first.end('1');
  expect(await Promise.all(told)).toEqual(['first got 1', 'second got 2']);
  expect(await relay(Promise.reject('no'), saying('third'))).toBe('third failed with no');
});

test('whoever waits from within an answer has a relay of its own', async () => {
  const later = pending();
  const chained: Hearer<unknown, string> = {
    fulfilled: (value) => relay(later.promise, saying(`after ${value},`)),
    rejected: String,
  };
  const told = relay(Promise.resolve('1'), chained);
  const beside = relay(Promise.resolve('2'), saying('beside'));
  expect(await beside).toBe('beside got 2');
  later.end('3');
  expect(await told).toBe('after 1, got 3');
});

test('a thenable that calls back twice tells one, once', async () => {
  const twice: PromiseLike<unknown> = {
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested here.
    then: (done, fail) => {
      done?.('1');
      done?.('2');
      fail?.('3');
      return twice as never;
    },
  };
  const next = pending();
  const told = [relay(twice, saying('first')), relay(next.promise, saying('next'))];
  next.end('4');
  expect(await Promise.all(told)).toEqual(['first got 1', 'next got 4']);
});

test('what a hearer throws is what its promise rejects with', async () => {
  const throwing: Hearer<unknown, never> = {
    fulfilled: () => {
      throw new Error('mine');
    },
    rejected: (error) => {
      throw error;
    },
  };
  await expect(relay(Promise.resolve(), throwing)).rejects.toThrow('mine');
  await expect(relay(Promise.reject(new Error('theirs')), throwing)).rejects.toThrow('theirs');
});
