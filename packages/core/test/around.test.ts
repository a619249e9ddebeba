/** What stands around attempts, as adapters ask it and as it is played. */
import { isSurrounded, scoreboard } from '@carom/core';
import { expect, jest, test } from '@jest/globals';
import { playWithin } from '../src/telemetry/around.js';

test('an attempt is surrounded from the first tracer on, and until the last has gone', () => {
  expect(isSurrounded()).toBe(false);
  const stops = [1, 2].map(() => scoreboard.around((_, play) => play()));
  expect(isSurrounded()).toBe(true);
  stops[0]?.();
  expect(isSurrounded()).toBe(true);
  stops[1]?.();
  expect(isSurrounded()).toBe(false);
});

test('nothing is made for tracers of whom none is left', () => {
  scoreboard.around((_, play) => play())();
  const event = jest.fn(() => ({ id: 1, attempt: 1, operation: 'o', datasource: 'd' }));
  expect(playWithin(event, () => 'played')).toBe('played');
  expect(event).not.toHaveBeenCalled();
});
