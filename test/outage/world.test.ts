/** The world of a simulated Postgres: what it makes of what the callers were told. */
import { seededRandom } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import type { MakeUnitPlayer } from '../../bench/outage/database/players.js';
import { insertUnit } from '../../bench/outage/database/statements.js';
import { databaseWorld } from '../../bench/outage/database/world.js';
import { scenarios } from '../../bench/outage/scenarios.js';
import { VirtualClock } from '../../bench/outage/virtual-clock.js';
import { named } from './play.js';

/** Never asks what became of a COMMIT, and says so after as many times ten seconds as its unit has for a number. */
const incurious: MakeUnitPlayer = ({ clock }, pool) => ({
  play({ nth }) {
    const work = async (): Promise<void> => {
      const client = await pool.connect();
      await client.query('BEGIN');
      await client.query(insertUnit, [nth]);
      await client.query('COMMIT');
    };
    void work();
    return new Promise((_resolve, reject) => {
      clock.after(nth * 10_000, () => reject(new Error('who knows')));
    });
  },
  isUnknown: () => true,
  close: () => {},
});

test('in a black hole nobody can ask about a COMMIT, and whoever leaves it open long after could have asked', async () => {
  const clock = new VirtualClock(setImmediate);
  const source = { clock, chance: seededRandom(1), random: seededRandom(2) };
  const world = databaseWorld(incurious, source, { attempted: () => {}, opened: () => {} });
  try {
    const shots = [1, 2].map((nth) => world.shot(nth).catch(() => nth));
    const [, , begins, ends] = named(scenarios, 'black-hole').phases;
    if (begins !== undefined) clock.at(13, () => world.become(begins));
    if (ends !== undefined) clock.at(15_000, () => world.become(ends));
    await clock.run(30_000);
    const unknown = new Set(await Promise.all(shots)) as Set<number>;
    const { needless, lies, placesLeft } = world.audit({
      ...{ done: new Set<number>(), failed: new Set<number>(), unknown },
    });
    expect({ needless, lies, placesLeft }).toEqual({ needless: 1, lies: 0, placesLeft: 2 });
  } finally {
    world.close();
  }
});
