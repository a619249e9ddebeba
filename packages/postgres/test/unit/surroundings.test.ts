/** Surroundings: three things in one storage, none of which is in another's way. */
import { describe, expect, test } from '@jest/globals';
import { surrounding } from '../../src/unit/surroundings.js';

const isString = (value: unknown): value is string => typeof value === 'string';
const parts = ['scope', 'attempt', 'call'] as const;

describe.each(parts)('the %s around', (part) => {
  const others = parts.filter((other) => other !== part);
  const mine = surrounding(part, isString);
  const theirs = others.map((other) => surrounding(other, isString));

  test('is there while its work goes on, and no longer', async () => {
    const inside = mine.run('mine', async () => {
      await Promise.resolve();
      return mine.current();
    });
    expect(mine.current()).toBeUndefined();
    expect(await inside).toBe('mine');
  });

  test('leaves the other parts as they are', () => {
    const [first, second] = theirs;
    const seen = first?.run('first', () =>
      second?.run('second', () =>
        mine.run('mine', () => [first.current(), second.current(), mine.current()]),
      ),
    );
    expect(seen).toEqual(['first', 'second', 'mine']);
  });

  test('can be none, and be left, while the other parts stay', () => {
    const [first] = theirs;
    const seen = first?.run('first', () =>
      mine.run('mine', () => {
        const none = mine.run(undefined, () => mine.current());
        const before = mine.current();
        mine.leave();
        return [none, before, mine.current(), first.current()];
      }),
    );
    expect(seen).toEqual([undefined, 'mine', undefined, 'first']);
  });

  test('of another copy of a package is none', () => {
    const other = surrounding(part, (value): value is number => typeof value === 'number');
    expect(other.run(1, () => [other.current(), mine.current()])).toEqual([1, undefined]);
  });
});
