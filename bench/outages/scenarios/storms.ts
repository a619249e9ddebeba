/** Storms: many transactions want the same few rows, all the time. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Kind } from '../crowd.js';
import type { Figures } from '../figures.js';
import { ride, usual } from '../ride.js';
import { loops, strategies, unguarded } from '../strategies.js';
import { nobodyFails, type Scenario } from './scenario.js';

const workers = 20;
const rounds = 5;
/** Ten seconds, of all rounds together. */
const usualTrouble = 10_000 / rounds;

function storm(kind: Kind): Scenario['play'] {
  return async (scene) => {
    let more: Figures['more'] = {};
    const figures = await ride(scene, {
      ...usual,
      carom: { patience: 30_000 },
      ...{ kinds: [kind], callers: Math.min(workers, scene.callers), think: 0 },
      // The first second and a half is not counted: no strategy's code is compiled by then.
      ...{ calm: 1_500, grace: 40_000 },
      async strike({ scene: { trouble = usualTrouble }, tally, proxy }) {
        tally.broke();
        const { begins } = proxy.seen;
        await pause(trouble);
        tally.well();
        const attempts = proxy.seen.begins - begins;
        const done = tally.rate(tally.brokenAt ?? 0, tally.wellAt ?? 0) * (trouble / 1_000);
        more = { attempts, conflicts: Math.max(0, attempts - Math.round(done)) };
      },
    });
    return { ...figures, more };
  };
}

const common = {
  reach: '0 failed; at least the throughput of the best loop',
  isMain: false,
  standby: 'none',
  strategies: [...strategies, unguarded, ...loops],
  rounds,
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
