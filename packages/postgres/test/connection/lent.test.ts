import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Lent } from '../../src/connection/lent.js';

test('it holds what a set would, whatever comes and goes', () => {
  const step = fc.record({ taken: fc.boolean(), item: fc.integer({ min: 0, max: 9 }) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const lent = new Lent<number>();
      const model = new Set<number>();
      for (const { taken, item } of steps) {
        if (taken) lent.add(item);
        else lent.delete(item);
        if (taken) model.add(item);
        else model.delete(item);
        expect(lent.size).toBe(model.size);
        expect([...lent].sort()).toEqual([...model].sort());
      }
    }),
  );
});

test('who is put back while all are looked at is looked at all the same, and nobody twice', () => {
  const lent = new Lent<string>();
  for (const item of ['a', 'b', 'c']) lent.add(item);
  const seen: string[] = [];
  for (const item of lent) {
    seen.push(item);
    lent.delete(item);
  }
  expect(seen).toEqual(['a', 'b', 'c']);
  expect(lent.size).toBe(0);
});
