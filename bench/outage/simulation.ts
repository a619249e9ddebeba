/** A simulation plays one scenario with one strategy and one seed: a minute in less than a second. */
import { setImmediate } from 'node:timers';
import type { Millis } from '@carom/core';
import { seededRandom } from '@carom/core/testing';
import { Arrivals } from './arrivals.js';
import type { Contestant } from './contestants.js';
import { Crowd } from './crowd.js';
import { databaseWorld } from './database/world.js';
import { type Figures, figures } from './figures.js';
import { queueWorld } from './queue-world.js';
import type { Scenario } from './scenarios.js';
import { Tally } from './tally.js';
import { VirtualClock } from './virtual-clock.js';
import type { Listener, World } from './world.js';

/** Longer than any patience. What is on its way then hangs. */
const longestShot: Millis = 120_000;

/** The same arguments, the same figures. */
export async function simulate(
  contestant: Contestant,
  scenario: Scenario,
  seed: number,
  duration: Millis = scenario.lasts ?? 60_000,
): Promise<Figures> {
  // A pool and its clients have ticks of their own.
  const clock = new VirtualClock(scenario.isWritten ? setImmediate : undefined);
  // One source of chance each: what the engine draws changes neither who comes nor what fails.
  const chance = (use: number): (() => number) => seededRandom(seed * 3 + use);
  const tally = new Tally(duration, scenario.wellAt);
  const openedAt: Millis[] = [];
  const world = makeWorld(
    contestant,
    scenario,
    { clock, chance: chance(0), random: chance(1) },
    {
      attempted: () => tally.attempts.add(clock.now()),
      opened: () => openedAt.push(clock.now()),
    },
  );
  let playing = 0;
  let nth = 0;
  const come = (): Promise<void> => {
    playing += 1;
    nth += 1;
    const shot = nth;
    const came = clock.now();
    tally.offered.add(came);
    return world.shot(shot).then(
      () => {
        playing -= 1;
        tally.done(shot, came, clock.now());
      },
      (error: unknown) => {
        playing -= 1;
        tally.erred(shot, came, clock.now(), world.isUnknown(error));
      },
    );
  };
  const { callers } = scenario;
  const crowd = { callers: callers ?? 0, until: duration };
  const arrivals =
    callers === undefined
      ? new Arrivals(clock, chance(2), duration, () => void come())
      : new Crowd(clock, chance(2), crowd, come);
  for (const phase of scenario.phases) {
    clock.at(phase.at, () => {
      world.become(phase);
      arrivals.load = phase.load;
    });
  }
  try {
    await clock.run(duration);
    // Nobody comes any more; those who came see their shot through.
    await clock.run(duration + longestShot, () => playing === 0);
    const { pending: timers } = clock;
    const audit = world.audit(tally.told);
    return figures({ scenario, duration, tally, openedAt, timers, playing, audit });
  } finally {
    world.close();
  }
}

/** @throws {Error} for a contestant that does not play the scenario. */
function makeWorld(
  { name, create, onDatabase }: Contestant,
  scenario: Scenario,
  source: Parameters<typeof queueWorld>[1],
  listener: Listener,
): World {
  if (scenario.isWritten && onDatabase)
    return databaseWorld(onDatabase, source, listener, scenario.carom);
  if (!scenario.isWritten && create) return queueWorld(create, source, listener);
  throw new Error(`${name} does not play ${scenario.name}`);
}
