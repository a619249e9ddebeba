/** The simulation's server: so many workers, one queue, and no idea of who still waits. */
import type { Millis } from '@carom/core';
import { seededRandom } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { allWorkers, clientTimeout, jobTime, Server } from '../../bench/outage/server.js';
import { VirtualClock } from '../../bench/outage/virtual-clock.js';

function world(): {
  clock: VirtualClock;
  server: Server;
  ask(count?: number): void;
  answers: Millis[];
} {
  const clock = new VirtualClock();
  const server = new Server(clock, seededRandom(1));
  const answers: Millis[] = [];
  const ask = (count = 1): void => {
    for (let n = 0; n < count; n++) void server.request().then(() => answers.push(clock.now()));
  };
  return { clock, server, ask, answers };
}

const times = <T>(count: number, value: T): readonly T[] =>
  Array.from({ length: count }, () => value);

describe('the server', () => {
  test('does as many jobs at a time as it has workers', async () => {
    const { clock, ask, answers } = world();
    clock.at(0, () => ask(allWorkers + 5));
    await clock.run(100);
    expect(answers).toEqual([...times(allWorkers, jobTime), ...times(5, 2 * jobTime)]);
  });

  test('works off what nobody waits for any more before it comes to the next', async () => {
    const { clock, server, ask, answers } = world();
    clock.at(0, () => server.become({ workers: 0, errorRate: 0 }));
    clock.at(0, () => ask(10 * allWorkers));
    const late = clientTimeout + 1;
    clock.at(late, () => ask());
    clock.at(late, () => server.become({ workers: allWorkers, errorRate: 0 }));
    await clock.run(1_000);
    expect(answers).toEqual([late + 11 * jobTime]);
  });

  test('without workers it finishes what it has begun', async () => {
    const { clock, server, ask, answers } = world();
    clock.at(0, () => ask());
    clock.at(1, () => server.become({ workers: 0, errorRate: 0 }));
    clock.at(2, () => ask());
    await clock.run(50);
    expect(answers).toEqual([jobTime]);
  });

  test('fails by chance, and about as often as it should', async () => {
    const clock = new VirtualClock();
    const server = new Server(clock, seededRandom(1));
    server.become({ workers: allWorkers, errorRate: 0.3 });
    const seen = { answered: 0, failed: 0 };
    for (let at = 0; at < 10_000; at++) {
      clock.at(at, () => {
        server.request().then(
          () => (seen.answered += 1),
          () => (seen.failed += 1),
        );
      });
    }
    await clock.run(20_000);
    expect(seen.answered + seen.failed).toBe(10_000);
    expect(seen.failed).toBeGreaterThan(2_800);
    expect(seen.failed).toBeLessThan(3_200);
  });
});
