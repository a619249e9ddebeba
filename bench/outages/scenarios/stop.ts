/** The primary is stopped, and comes back. */
import { setTimeout as pause } from 'node:timers/promises';
import { patient, ride } from '../ride.js';
import { strategies } from '../strategies.js';
import { atMost, nobodyFails, type Scenario } from './scenario.js';

/** A prober asks four to ten times a second, and those hit need a new connection each. */
const mostConnections = 100;

export const stop: Scenario = {
  name: 'stop',
  title: 'primary stopped for 10 s, and back',
  reach: '0 failed; at most 100 connection attempts',
  isMain: true,
  standby: 'none',
  strategies,
  play: (scene) =>
    ride(scene, {
      ...patient,
      callers: scene.callers,
      calm: 2_000,
      async strike({ scene: { stage, trouble = 10_000 }, tally }) {
        tally.broke();
        await stage.cluster.primary.stop('fast');
        await pause(trouble);
        await stage.cluster.primary.start();
        tally.well();
      },
    }),
  broken: (figures) => [
    ...nobodyFails(figures),
    ...atMost('connection attempts', figures.connections, mostConnections),
  ],
};
