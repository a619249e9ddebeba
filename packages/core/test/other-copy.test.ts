import { createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { expect, jest, test } from '@jest/globals';
import { Ear } from './hear.js';
import { failing } from './scenario.js';

test('the other copy of this package tells the same listeners, and hears of the same events', async () => {
  jest.resetModules();
  const other = await import('@carom/core');
  expect(other.createStrategy).not.toBe(createStrategy);
  const clock = new ManualClock();
  using ear = new Ear(clock);
  const heard: string[] = [];
  using _ = other.scoreboard.on('shotCompleted', ({ attempts }) => heard.push(`${attempts}`));
  expect(await other.createStrategy({ clock }).shot(() => 'other')).toBe('other');
  expect(await createStrategy({ clock }).shot(() => 'this')).toBe('this');
  expect(ear.names).toEqual(['shotStarted', 'shotCompleted', 'shotStarted', 'shotCompleted']);
  expect(heard).toEqual(['1', '1']);
  // An error that the one made is the other's own too: it is not bounced.
  const error = await other
    .createStrategy({ clock, timeout: 1 })
    .with({ retries: 0 })
    .shot(() => {
      throw new other.CircuitOpenError('c', 5, 'open');
    })
    .catch((it: unknown) => it);
  const action = failing([error, error], 'done');
  expect(
    await createStrategy({ clock })
      .shot(action)
      .catch((it: unknown) => it),
  ).toBe(error);
  expect(action.calls).toBe(1);
});
