/** The arrivals of the simulation: an open loop that can be quiet for a while. */
import { seededRandom } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import { Arrivals } from '../../bench/outage/arrivals.js';
import { VirtualClock } from '../../bench/outage/virtual-clock.js';

test('nobody comes while it is quiet, and they come again', async () => {
  const clock = new VirtualClock();
  const came: number[] = [];
  const arrivals = new Arrivals(clock, seededRandom(1), 3_000, () => came.push(clock.now()));
  const load = (at: number, of: number): void => {
    clock.at(at, () => {
      arrivals.load = of;
    });
  };
  load(1_000, 0);
  load(2_000, 0.5);
  await clock.run(5_000);
  const between = (from: number, to: number): number =>
    came.filter((at) => at >= from && at < to).length;
  expect(between(0, 1_000)).toBeGreaterThan(1_300);
  // The one who was on the way already.
  expect(between(1_000, 2_000)).toBeLessThanOrEqual(1);
  expect(between(2_000, 3_000)).toBeGreaterThan(650);
  expect(between(2_000, 3_000)).toBeLessThan(850);
  expect(between(3_000, 5_000)).toBe(0);
});
