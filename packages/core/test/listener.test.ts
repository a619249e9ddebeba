import { expect, jest, test } from '@jest/globals';
import { tell } from '../src/listener.js';

test('what an asynchronous listener rejects with is taken, and dropped', async () => {
  // Nobody has looked at it before, so that whoever looks is told.
  const then = jest.fn((_: unknown, rejected: (reason: Error) => void) =>
    rejected(new Error('of the listener')),
  );
  tell(() => ({ then }));
  await Promise.resolve();
  expect(then).toHaveBeenCalledTimes(1);
});

test.each([undefined, null, 0, 'then', {}])('a listener may return %p', (value) => {
  const listener = jest.fn((_: number) => value);
  tell(listener, 1);
  expect(listener.mock.calls).toEqual([[1]]);
});
