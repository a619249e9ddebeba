/** The primary is killed, and its synchronous standby takes over at the same address. */
import type { ExecutionOptions } from '@carom/postgres';
import { type Course, patient, ride } from '../ride.js';
import { strategies } from '../strategies.js';
import { nobodyFails, type Scenario } from './scenario.js';

function failingOver(carom: ExecutionOptions, knows: Course['knows']): Scenario['play'] {
  return async (scene) => {
    const { cluster } = scene.stage;
    await cluster.caughtUp();
    return ride(scene, {
      ...patient,
      carom: { ...patient.carom, ...carom },
      ...{ callers: scene.callers, calm: 2_000, knows },
      async strike({ tally, proxy }) {
        tally.broke();
        await cluster.primary.stop('immediate');
        // Whoever was let in while it went down is hit as well.
        tally.hit();
        proxy.retarget(await cluster.failover());
        tally.well();
      },
    });
  };
}

export const failoverFence: Scenario = {
  name: 'failover-fence',
  title: "primary killed, synchronous standby promoted; `commit: 'fence'`",
  reach: '0 failed, 0 duplicates, 0 unknown',
  isMain: true,
  standby: 'sync',
  strategies,
  play: failingOver({ commit: 'fence' }, 'everything'),
  broken: nobodyFails,
};

export const failover: Scenario = {
  name: 'failover',
  title: 'the same at the default level',
  reach: '0 failed, 0 duplicates; unknown only what was in flight at the kill',
  isMain: false,
  standby: 'sync',
  strategies,
  play: failingOver({}, 'all but what was hit'),
  broken: nobodyFails,
};
