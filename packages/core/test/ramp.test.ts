import { describe, expect, test } from '@jest/globals';
import { Ramp } from '../src/breaker/ramp.js';

/** A ramp whose first answer took 10 ms. */
function begun(): Ramp {
  const ramp = new Ramp();
  ramp.begin();
  ramp.letIn(0);
  expect(ramp.cameBack(10, true)).toBe(2);
  return ramp;
}

describe('the ramp', () => {
  test('is off until it begins, and after it ended', () => {
    const ramp = new Ramp();
    expect(ramp.active).toBe(false);
    ramp.begin();
    expect(ramp.active).toBe(true);
    ramp.end();
    expect(ramp.active).toBe(false);
  });

  test('where nobody comes back it doubles with each step', () => {
    const ramp = new Ramp();
    ramp.begin();
    expect([ramp.next(), ramp.next(), ramp.next()]).toEqual([1, 2, 4]);
  });

  test.each([
    ['as quick as the best', 10, 2],
    ['twice as slow', 20, 2],
    ['slower: there is a queue', 21, 1],
  ])('an answer %s lets in as many', (_, took, count) => {
    const ramp = begun();
    ramp.letIn(100);
    expect(ramp.cameBack(100 + took, true)).toBe(count);
  });

  test('what has no answer lets nobody in, and takes its place in the row', () => {
    const ramp = begun();
    ramp.letIn(100);
    ramp.letIn(115);
    expect(ramp.cameBack(120, false)).toBe(0);
    expect(ramp.cameBack(125, true)).toBe(2);
  });

  test('a connection that was dead all the time says so at once: that is no answer to compare with', () => {
    const ramp = new Ramp();
    ramp.begin();
    ramp.letIn(0);
    expect(ramp.cameBack(1, false)).toBe(0);
    ramp.letIn(50);
    expect(ramp.cameBack(60, true)).toBe(2);
  });

  test('less than a millisecond is nothing to compare with', () => {
    const ramp = new Ramp();
    ramp.begin();
    ramp.letIn(0);
    ramp.cameBack(0, true);
    ramp.letIn(0);
    expect(ramp.cameBack(2, true)).toBe(2);
    ramp.letIn(2);
    expect(ramp.cameBack(4.5, true)).toBe(1);
  });

  test('a new ramp knows nothing of the old one', () => {
    const ramp = begun();
    ramp.letIn(0);
    ramp.begin();
    ramp.letIn(1_000);
    expect(ramp.cameBack(1_500, true)).toBe(2);
    expect(ramp.next()).toBe(1);
  });

  test('one that was not let in by it counts as quick', () => {
    const ramp = begun();
    expect(ramp.cameBack(1_000, true)).toBe(2);
  });
});
