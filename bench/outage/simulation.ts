/** A simulation plays one scenario with one strategy and one seed: a minute in about a second. */
import type { Millis } from '@carom/core';
import { seededRandom } from '@carom/core/testing';
import { Arrivals } from './arrivals.js';
import type { Contestant } from './contestants.js';
import { type Figures, figures } from './figures.js';
import type { Scenario } from './scenarios.js';
import { Server } from './server.js';
import { Tally } from './tally.js';
import { VirtualClock } from './virtual-clock.js';

/** The same arguments, the same figures. */
export async function simulate(
  contestant: Contestant,
  scenario: Scenario,
  seed: number,
  duration: Millis = 60_000,
): Promise<Figures> {
  const clock = new VirtualClock();
  // One source of chance each: what the engine draws changes neither who comes nor what fails.
  const chance = (use: number): (() => number) => seededRandom(seed * 3 + use);
  const server = new Server(clock, chance(0));
  const strategy = contestant.create({ clock, random: chance(1) }, server);
  const tally = new Tally(duration);
  const openedAt: Millis[] = [];
  strategy.cushion?.onChange((state, before) => {
    if (state === 'open' && before === 'closed') openedAt.push(clock.now());
  });
  const send = (): Promise<void> => {
    tally.attempts.add(clock.now());
    return server.request();
  };
  let playing = 0;
  const arrivals = new Arrivals(clock, chance(2), duration, () => {
    playing += 1;
    tally.offered.add(clock.now());
    strategy.shot(send).then(
      () => {
        playing -= 1;
        tally.answered.add(clock.now());
      },
      () => {
        playing -= 1;
        tally.failed += 1;
      },
    );
  });
  for (const phase of scenario.phases) {
    clock.at(phase.at, () => {
      server.become(phase);
      arrivals.load = phase.load;
    });
  }
  await clock.run(duration);
  // Nobody comes any more; those who came see their shot through.
  await clock.run(Number.POSITIVE_INFINITY, () => playing === 0);
  return figures({ scenario, duration, tally, openedAt, timers: clock.pending, playing });
}
