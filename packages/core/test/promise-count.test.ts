import { expect, test } from '@jest/globals';
import { run } from './child.js';

// In a process of its own, where nobody else makes promises.
test('a shot makes one promise, and takes one tick, more than the bare call', () => {
  const { status, stdout, stderr } = run('promise-count');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    plain: { promises: 1, ticks: 1 },
    described: { promises: 1, ticks: 1 },
    'all policies': { promises: 1, ticks: 1 },
    // One that the clock can settle too.
    'all policies and two clocks': { promises: 2, ticks: 1 },
    'all policies, heard': { promises: 1, ticks: 1 },
    'all policies and two clocks, heard': { promises: 2, ticks: 1 },
    'the permit path': { promises: 0, ticks: 0 },
  });
});
