/** Strings, numbers and the like as errors and as reasons: no object that a mark could be kept by. */
import { createStrategy, pocket, shot } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import { deferred, never, watch } from './scenario.js';

test('two callers who leave at once with reasons of their own: no fallback stands in for either', async () => {
  const callers = [new AbortController(), new AbortController()] as const;
  const pockets = callers.map(({ signal }) =>
    watch(pocket(() => shot(never, { signal }) as Promise<string>, 'fallback')),
  );
  const clock = new ManualClock();
  await clock.settle();
  callers[0].abort('one has left');
  callers[1].abort('two has left');
  await clock.settle();
  expect(pockets.map(({ error }) => error)).toEqual(['one has left', 'two has left']);
});

test('a string that somebody once left with is an error like others later', async () => {
  const caller = new AbortController();
  const left = watch(pocket(() => shot(never, { signal: caller.signal }) as Promise<string>, 'x'));
  caller.abort('gone');
  await new ManualClock().settle();
  expect(left.error).toBe('gone');
  expect(await pocket(() => Promise.reject('gone') as Promise<string>, 'fallback')).toBe(
    'fallback',
  );
});

test('retries of shots that fail with strings at the same time do not multiply', async () => {
  const clock = new ManualClock();
  const inner = createStrategy({ clock, retries: 0 });
  const strategy = createStrategy({ clock, retries: 2, baseDelay: 10, jitter: false });
  const go = deferred<void>();
  const calls = new Map<string, number>();
  const outer = ['a', 'b', 'c'].map((name) =>
    watch(
      strategy.shot(() =>
        inner.shot(async () => {
          calls.set(name, (calls.get(name) ?? 0) + 1);
          await go.promise;
          throw name;
        }),
      ),
    ),
  );
  await clock.settle();
  go.resolve();
  await clock.advance(10_000);
  expect(outer.map(({ error }) => error)).toEqual(['a', 'b', 'c']);
  expect([...calls.values()]).toEqual([1, 1, 1]);
});

test.each<[string, (left: () => Promise<string>) => Promise<unknown>]>([
  ['a shot that is on its way', (left) => pocket(left(), 'fallback')],
  ['a chain', (left) => pocket(left, 'one').pocket('two')],
  [
    'a shot that began before',
    (left) => {
      const running = left();
      return pocket(() => running, 'fallback');
    },
  ],
])('nor does one stand in for the caller who left %s with a string', async (_what, pocketed) => {
  const caller = new AbortController();
  const left = watch(pocketed(() => shot(never, { signal: caller.signal }) as Promise<string>));
  await new ManualClock().settle();
  caller.abort('has left');
  await new ManualClock().settle();
  expect(left.error).toBe('has left');
});
