/** The crowd of the simulation: a closed loop. */
import { seededRandom } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import { Crowd } from '../../bench/outage/crowd.js';
import { VirtualClock } from '../../bench/outage/virtual-clock.js';

test('each asks again when answered, all pause while there is no load, and nobody asks in the end', async () => {
  const clock = new VirtualClock();
  let asking = 0;
  let most = 0;
  const asked: number[] = [];
  const ask = (): Promise<void> => {
    asked.push(clock.now());
    asking += 1;
    most = Math.max(most, asking);
    return new Promise((answer) => {
      clock.after(10, () => {
        asking -= 1;
        answer();
      });
    });
  };
  const crowd = new Crowd(clock, seededRandom(1), { callers: 4, until: 3_000 }, ask);
  for (const [at, load] of [
    [0, 1],
    [1_000, 0],
    [2_000, 1],
  ] as const) {
    clock.at(at, () => {
      crowd.load = load;
    });
  }
  await clock.run(5_000);
  const between = (from: number, to: number): number =>
    asked.filter((at) => at >= from && at < to).length;
  expect([most, asking]).toEqual([4, 0]);
  for (const from of [0, 2_000]) {
    expect(between(from, from + 1_000)).toBeGreaterThan(360);
    expect(between(from, from + 1_000)).toBeLessThanOrEqual(400);
  }
  expect([between(1_000, 2_000), between(3_000, 5_000)]).toEqual([0, 0]);
});
