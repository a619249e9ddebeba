/** Storms: many transactions want the same few rows, all the time. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Kind } from '../crowd.js';
import { ride, usual } from '../ride.js';
import { loops, strategies } from '../strategies.js';
import { nobodyFails, type Scenario } from './scenario.js';

const workers = 20;

function storm(kind: Kind): Scenario['play'] {
  return async (scene) => {
    let conflicts = 0;
    const figures = await ride(scene, {
      ...usual,
      carom: { patience: 30_000 },
      ...{ kinds: [kind], callers: Math.min(workers, scene.callers), think: 0 },
      // The first second and a half is not counted: no strategy's code is compiled by then.
      ...{ calm: 1_500, grace: 40_000 },
      async strike({ scene: { trouble = 10_000 }, tally, proxy }) {
        tally.broke();
        const { begins } = proxy.seen;
        await pause(trouble);
        tally.well();
        const played = proxy.seen.begins - begins;
        const done = tally.rate(tally.brokenAt ?? 0, tally.wellAt ?? 0) * (trouble / 1_000);
        conflicts = Math.max(0, 1 - done / Math.max(1, played));
      },
    });
    return { ...figures, more: { conflictsPercent: Math.round(conflicts * 100) } };
  };
}

const common = {
  reach: '0 failed; at least the throughput of the best loop',
  isMain: false,
  standby: 'none',
  strategies: [...strategies, ...loops],
  broken: nobodyFails,
} as const;

export const deadlocks: Scenario = {
  ...common,
  name: 'deadlocks',
  title: 'deadlock storm: 20 workers, four hot rows',
  play: storm('cross'),
};

export const serializable: Scenario = {
  ...common,
  name: 'serializable',
  title: 'serializable storm: 20 workers, two hot rows',
  play: storm('serialize'),
};
