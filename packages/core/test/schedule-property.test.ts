import { scoreboard } from '@carom/core';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Settings, type Step, script, settings } from './schedule.js';
import { World } from './schedule-world.js';

/** What must have come up in ten runs at least, or the property would say less than it seems to. */
const sights: readonly string[] = [
  ...['closed', 'open', 'half-open', 'isolated', 'parked'],
  ...['waits for a turn', 'waits for a place', 'budget used up'],
  ...['CAROM_CIRCUIT_OPEN', 'CAROM_COMPARTMENT_FULL', 'CAROM_THROTTLED', 'CAROM_TIMEOUT'],
  ...['aborted', 'late answer', 'never done well'],
  ...['bounced, then done', 'bounced beyond the retries'],
];

test('no schedule plays too often or too long, blocks a queue, or leaves anything behind', async () => {
  const seen = new Map<string, number>(sights.map((what) => [what, 0]));
  const play = async (rules: Settings, steps: readonly Step[]): Promise<void> => {
    const world = new World(rules);
    const now = new Set<string>();
    for (const step of steps) {
      await world.act(step);
      world.check();
      for (const what of world.seen) now.add(what);
    }
    for (const what of now) seen.set(what, (seen.get(what) ?? 0) + 1);
    await world.calm();
    world.check();
    expect(world.problems).toEqual([]);
    expect(Object.entries(world.left).filter(([, left]) => left !== 0)).toEqual([]);
  };
  await fc.assert(
    fc.asyncProperty(settings, script, async (rules, steps) => {
      const leave = rules.heard ? scoreboard.on('shotCompleted', () => {}) : () => {};
      try {
        await play(rules, steps);
      } finally {
        leave();
      }
    }),
    { numRuns: 500 },
  );
  expect([...seen].filter(([, runs]) => runs < 10)).toEqual([]);
});
