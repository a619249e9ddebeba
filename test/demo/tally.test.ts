/** The tally: from what happened to the columns of the table. */
import { describe, expect, jest, test } from '@jest/globals';
import { handWrittenLoop } from '../../demo/load/hand-written-loop.js';
import type { Operation } from '../../demo/load/operation.js';
import { percentile } from '../../demo/tally/percentile.js';
import { conclude, keptItsWord } from '../../demo/tally/result.js';
import { Stretches, stretch } from '../../demo/tally/stretches.js';
import { type Judge, Tally } from '../../demo/tally/tally.js';

describe('percentiles', () => {
  const values = [5, 1, 4, 2, 3];

  test.each([
    [0, 1],
    [0.5, 3],
    [0.6, 3],
    [0.61, 4],
    [0.99, 5],
    [1, 5],
  ])('%d of five values is %d', (share, expected) => {
    expect(percentile(values, share)).toBe(expected);
  });

  test('are values, not averages, and leave the list as it is', () => {
    expect(percentile([1, 100], 0.5)).toBe(1);
    percentile(values, 0.5);
    expect(values).toEqual([5, 1, 4, 2, 3]);
  });

  test('of nothing are nothing', () => {
    expect(percentile([], 0.5)).toBeUndefined();
  });
});

test('stretches count by time, and give the rate of the last second', () => {
  const stretches = new Stretches();
  for (const at of [0, stretch - 1, stretch, 999, 1_001]) stretches.add(at);
  expect(stretches.of(1_000)).toEqual([2, 1, 0, 1]);
  expect(stretches.of(1_500)).toEqual([2, 1, 0, 1, 1, 0]);
  expect(stretches.rate(1_000)).toBe(4);
  expect(stretches.rate(1_250)).toBe(3);
});

describe('the hand-written loop', () => {
  test('tries three times, 100 ms apart, whatever the error, and throws the last one', async () => {
    jest.useFakeTimers();
    try {
      const errors = ['one', 'two', 'three'].map((text) => new Error(text));
      const tried: number[] = [];
      const begin = Date.now();
      const work = (): Promise<never> => {
        tried.push(Date.now() - begin);
        return Promise.reject(errors[tried.length - 1]);
      };
      const retried = jest.fn();
      const end = expect(handWrittenLoop(work, retried)).rejects.toBe(errors[2]);
      await jest.advanceTimersByTimeAsync(1_000);
      await end;
      expect(tried).toEqual([0, 100, 200]);
      expect(retried).toHaveBeenCalledTimes(2);
    } finally {
      jest.useRealTimers();
    }
  });

  test('tries once when all is well', async () => {
    const work = jest.fn(() => Promise.resolve('done'));
    expect(await handWrittenLoop(work)).toBe('done');
    expect(work).toHaveBeenCalledTimes(1);
  });
});

describe('a run', () => {
  const write = (id: string, at = 0): Operation => ({
    id,
    at,
    adapter: 'pg',
    kind: 'gift-card',
    cents: 1_000,
  });
  const read: Operation = { id: 'r', at: 0, adapter: 'pg', kind: 'read', product: 1, form: 0 };
  const judge: Judge = (error) =>
    (error as Error).message === 'lost' ? 'unknown' : 'not-executed';

  function tallied(): { tally: Tally; at: (ms: number) => Tally } {
    let now = 0;
    const tally = new Tally(judge, () => now);
    const at = (ms: number): Tally => {
      now = ms;
      return tally;
    };
    return { tally, at };
  }

  const audited = (tally: Tally, rows: Record<string, number>, broken: readonly string[] = []) =>
    conclude(
      tally,
      { rows: new Map(Object.entries(rows)), broken },
      { pending: 0, faultsPlayed: 0, runMs: 1_000, retries: 0 },
    );

  test('in which all went well has nothing to report', () => {
    const { tally, at } = tallied();
    tally.began(write('a', 10));
    at(30).succeeded(write('a', 10));
    const { numbers, evidence, doubles } = audited(tally, { a: 1 });
    expect(numbers).toMatchObject({
      shots: 1,
      failed: 0,
      unknown: 0,
      duplicates: 0,
      lost: 0,
      lies: 0,
    });
    expect(numbers).toMatchObject({ p50: 20, p99: 20, longestStall: 970, overchargedCents: 0 });
    expect([evidence, doubles]).toEqual([[], []]);
    expect(keptItsWord(numbers)).toBe(true);
  });

  test('tells failed from unknown, and never calls a read unknown', () => {
    const { tally } = tallied();
    for (const operation of [write('a'), write('b'), read]) tally.began(operation);
    tally.failed(write('a'), new Error('lost'));
    tally.failed(write('b'), new Error('refused'));
    tally.failed(read, new Error('lost'));
    const { numbers } = audited(tally, { a: 1 });
    expect(numbers).toMatchObject({ shots: 3, failed: 2, unknown: 1, lies: 0 });
    expect(numbers).toMatchObject({ p50: null, p99: null, longestStall: 1_000 });
    expect(keptItsWord(numbers)).toBe(true);
  });

  test('that doubled a write says which, when, and what it cost', () => {
    const { tally } = tallied();
    tally.began(write('a', 400));
    tally.succeeded(write('a', 400));
    const { numbers, evidence, doubles } = audited(tally, { a: 3 });
    expect(numbers).toMatchObject({ duplicates: 1, overchargedCents: 2_000, lost: 0 });
    expect(evidence).toEqual([expect.stringMatching(/^a: duplicate, found 3 times/)]);
    expect(doubles).toEqual([400]);
    expect(keptItsWord(numbers)).toBe(false);
  });

  test('that lost a write did not keep its word', () => {
    const { tally } = tallied();
    tally.began(write('a'));
    tally.succeeded(write('a'));
    const { numbers } = audited(tally, {});
    expect(numbers.lost).toBe(1);
    expect(keptItsWord(numbers)).toBe(false);
  });

  test('that denied a write lied, and the evidence has what the caller was told', () => {
    const { tally } = tallied();
    tally.began(write('a'));
    tally.failed(write('a'), new Error('refused'));
    const { numbers, evidence } = audited(tally, { a: 1 });
    expect(numbers.lies).toBe(1);
    expect(evidence[0]).toMatch(/present-though-not-done.*Error: refused/);
    expect(keptItsWord(numbers)).toBe(false);
  });

  test('that is closed hears of nothing more: what ends while the database is asked proves nothing', () => {
    const { tally } = tallied();
    for (const id of ['a', 'b']) tally.began(write(id));
    tally.close();
    tally.succeeded(write('a'));
    tally.failed(write('b'), new Error('refused'));
    const { numbers } = audited(tally, { b: 1 });
    expect(numbers).toMatchObject({ lost: 0, lies: 0, failed: 0, p50: null });
  });

  test('whose accounts do not add up, or that has rows nobody asked for, did not keep its word', () => {
    const { tally } = tallied();
    expect(keptItsWord(audited(tally, {}, ['sold is not ordered']).numbers)).toBe(false);
    expect(keptItsWord(audited(tally, { z: 1 }).numbers)).toBe(false);
  });

  test('has its longest stall between two successes, or before its end', () => {
    const { tally, at } = tallied();
    for (const [id, ms] of [
      ['a', 100],
      ['b', 700],
      ['c', 900],
    ] as const) {
      tally.began(write(id));
      at(ms).succeeded(write(id));
    }
    expect(tally.times(1_000).longestStall).toBe(600);
    expect(tally.times(2_000).longestStall).toBe(1_100);
    // What came after the end of the load says nothing about the load.
    expect(tally.times(800).longestStall).toBe(600);
  });
});
