/** Simulated outages of a database that is written to, in short: through the pool, the adapter and the settling of lost COMMITs. */
import { systemClock } from '@carom/core';
import { describe, expect, test } from '@jest/globals';
import { contestants, plays } from '../../bench/outage/contestants.js';
import type { Figures } from '../../bench/outage/figures.js';
import { scenarios } from '../../bench/outage/scenarios.js';
import { spreads } from '../../bench/outage/spread.js';
import { missed } from '../../bench/outage/targets.js';
import { play, withoutStacks } from './play.js';

const seeds = [1, 2];

withoutStacks();

const written = scenarios.filter(({ isWritten }) => isWritten);
const ours = contestants.filter((one) => one.isCarom && plays(one, { isWritten: true }));
const cases = written.flatMap(({ name }) => ours.map((one) => [name, one.name] as const));

describe('a simulated outage of a database that is written to', () => {
  test('there is one of each kind, at both levels', () => {
    expect(written.map(({ name }) => name)).toEqual([
      ...['failover', 'kills', 'idle', 'forgotten', 'deadlock'],
      ...['black-hole', 'black-hole-patient', 'serializable'],
    ]);
    expect(ours.map(({ name }) => name)).toEqual(['carom-adapter', 'carom-fence']);
  });

  test.each(cases)(
    '%s, %s: it reaches its targets, nothing is done twice',
    async (scenario, strategy) => {
      const runs: Figures[] = [];
      for (const seed of seeds) runs.push(await play(strategy, scenario, seed));
      expect(missed(scenario, strategy, spreads(runs))).toEqual([]);
      for (const run of runs) expect(run.answered).toBeGreaterThan(300);
    },
  );

  test('the same seed gives the same figures, another one others', async () => {
    const { now, after } = systemClock;
    const first = await play('carom-adapter', 'failover', 3);
    // It went by the world's time meanwhile.
    expect(systemClock).toMatchObject({ now, after });
    expect(await play('carom-adapter', 'failover', 3)).toEqual(first);
    expect(await play('carom-adapter', 'failover', 4)).not.toEqual(first);
  });

  test('a token outlives the server, and an id does not: the control of what is found out', async () => {
    const byId = await play('carom-adapter', 'failover', 1);
    const byToken = await play('carom-fence', 'failover', 1);
    expect(byId.unknown).toBeGreaterThan(0);
    expect(byToken.unknown).toBe(0);
  });

  test('bare clients fail and a loop writes twice: the control which shows that both can happen', async () => {
    const bare = await play('none', 'kills', 1);
    expect(bare.failed).toBeGreaterThan(10);
    expect(bare.lies).toBeGreaterThan(0);
    expect((await play('naive', 'kills', 1)).duplicates).toBeGreaterThan(0);
    expect((await play('none', 'failover', 1)).failed).toBeGreaterThan(500);
    expect((await play('none', 'forgotten', 1)).failed).toBe(20);
    expect((await play('none', 'deadlock', 1)).failed).toBeGreaterThan(0);
  });

  test('in a black hole bare clients hang, with all places of the pool: the control which shows that it swallows', async () => {
    const run = await play('none', 'black-hole', 1);
    expect(run).toMatchObject({ placesLeft: 20, failed: 0 });
    expect(run.shotsLeft).toBeGreaterThan(600);
  });

  test('in the serializable storm four of five attempts of bare clients come to nothing', async () => {
    for (const strategy of ['none', 'naive']) {
      const stormy = 11_500;
      const run = await play(strategy, 'serializable', 1, stormy);
      const { conflicts, answered, failed } = run;
      expect(conflicts / (conflicts + answered)).toBeGreaterThan(0.7);
      expect(failed).toBeGreaterThan(200);
    }
  });
});
