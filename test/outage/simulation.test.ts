/** Simulated outages, in short: the real engine must ride them out, and plain retries must not. */

import { describe, expect, test } from '@jest/globals';
import { carom } from '../../bench/outage/contestants.js';
import type { Figures } from '../../bench/outage/figures.js';
import { scenarios } from '../../bench/outage/scenarios.js';
import { simulate } from '../../bench/outage/simulation.js';
import { spreads } from '../../bench/outage/spread.js';
import { missed } from '../../bench/outage/targets.js';
import { named, play, withoutStacks } from './play.js';

const duration = 22_000;
const seeds = [1, 2];

withoutStacks();

describe('a simulated outage', () => {
  test('the same seed gives the same figures, another one others', async () => {
    const first = await play('carom', 'outage', 1, 7_000);
    expect(await play('carom', 'outage', 1, 7_000)).toEqual(first);
    expect(await play('carom', 'outage', 2, 7_000)).not.toEqual(first);
  });

  test.each(['carom', 'carom-park'])(
    '%s: hardly an attempt, well within a second, and it stays well',
    async (name) => {
      const runs: Figures[] = [];
      for (const seed of seeds) runs.push(await play(name, 'outage', seed, duration));
      expect(missed('outage', name, spreads(runs))).toEqual([]);
      for (const run of runs) {
        expect(run.attemptsDuring).toBeLessThanOrEqual(250);
        expect(run.recovery).toBeLessThanOrEqual(1_000);
        expect(run.worstSecondLater).toBeGreaterThan(0.9);
        expect(run.goodputAtEnd).toBeGreaterThan(0.99);
        expect(run).toMatchObject({ openings: 1, openingsAfter: 0, timersLeft: 0, shotsLeft: 0 });
        // Everybody who came was answered, or told that nobody could be.
        expect(run.answered + run.failed).toBeGreaterThan(duration * 1.4);
      }
    },
  );

  test.each(['refused', 'silent'])(
    '%s: with the settings of an adapter all wait, and all are answered',
    async (scenario) => {
      const runs: Figures[] = [];
      for (const seed of seeds) runs.push(await play('carom-adapter', scenario, seed, duration));
      expect(missed(scenario, 'carom-adapter', spreads(runs))).toEqual([]);
      for (const run of runs) {
        expect(run).toMatchObject({ failed: 0, openings: 1, timersLeft: 0, shotsLeft: 0 });
        expect(run.worstSecondLater).toBeGreaterThan(0.8);
        expect(run.answered).toBeGreaterThan(1_000);
      }
      // The control: who does not wait fails.
      expect((await play('none', scenario, 1, duration)).failed).toBeGreaterThan(500);
    },
  );

  test('plain retries do not recover: the control which shows that it can be brought down', async () => {
    const run = await play('naive', 'outage', 1, 18_000);
    expect(run.attemptsDuring).toBeGreaterThan(50_000);
    expect(run).toMatchObject({ recovery: Number.POSITIVE_INFINITY, timersLeft: 0, shotsLeft: 0 });
    expect(run.goodputFirstTen).toBeLessThan(0.01);
  });

  test.each([
    ['with retries', carom('steady', {})],
    ['without', carom('steady', {}, { retries: 0 })],
  ])('a steady 30 % of errors does not open the cushion, %s', async (_, contestant) => {
    const run = await simulate(contestant, named(scenarios, 'steady-errors'), 1, 15_000);
    expect(run).toMatchObject({ openings: 0, timersLeft: 0, shotsLeft: 0 });
    expect(run.goodputDuring).toBeLessThan(0.95);
  });

  test('a steady 60 % does: the control of that', async () => {
    const steady = named(scenarios, 'steady-errors');
    const phases = steady.phases.map((phase) => ({ ...phase, errorRate: 0.6 }));
    const run = await simulate(carom('steady'), { ...steady, phases }, 1, 3_000);
    expect(run.openings).toBeGreaterThan(0);
  });
});
