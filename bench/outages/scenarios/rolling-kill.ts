/** Connections are killed, one after the other, as fast as that goes. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { patient, ride } from '../ride.js';
import { applicationName } from '../stage.js';
import { strategies } from '../strategies.js';
import { nobodyFails, type Scenario } from './scenario.js';

const every = 50;
const killOne = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
  WHERE application_name = $1 ORDER BY random() LIMIT 1`;

export const rollingKill: Scenario = {
  name: 'rolling-kill',
  title: 'rolling kill of every backend, one per 50 ms, 60 s',
  reach: '0 failed; throughput at least 80 % of calm',
  isMain: true,
  standby: 'none',
  strategies,
  play: (scene) =>
    ride(scene, {
      ...patient,
      callers: scene.callers,
      calm: 3_000,
      async strike({ scene: { stage, trouble = 60_000 }, tally }) {
        const admin = new pg.Client(stage.cluster.primary.config);
        await admin.connect();
        tally.broke();
        const end = performance.now() + trouble;
        for (let next = performance.now(); next < end; next += every) {
          await admin.query(killOne, [applicationName]);
          await pause(Math.max(0, next + every - performance.now()));
        }
        await admin.end();
        tally.well();
      },
    }),
  broken: nobodyFails,
};
