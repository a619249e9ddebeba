/** Others have all the connections that the server gives out. */
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { patient, ride } from '../ride.js';
import { applicationName, type Stage } from '../stage.js';
import { strategies } from '../strategies.js';
import { atMost, nobodyFails, type Scenario } from './scenario.js';

const kill = `
  SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE application_name = $1`;

/** Takes every place there is, those of our clients too. */
async function occupy(stage: Stage, admin: pg.Client): Promise<readonly pg.Client[]> {
  const others: pg.Client[] = [];
  // Until others have all places our clients are told the same by their own limit, or it would be a race.
  await admin.query(stage.limit(0));
  await admin.query(kill, [applicationName]);
  for (;;) {
    const other = new pg.Client(stage.others());
    other.on('error', () => undefined);
    try {
      await other.connect();
      others.push(other);
    } catch {
      await admin.query(stage.limit(-1));
      return others;
    }
  }
}

/**
 * Those who lose theirs ask once each, then one at a time, four to ten times a second; and about each COMMIT that was lost, once
 * a second.
 */
const mostConnections = 200;

export const full: Scenario = {
  name: 'full',
  title: '`max_connections` reached by others for 10 s',
  reach: `0 failed; at most ${mostConnections} connection attempts`,
  isMain: true,
  standby: 'none',
  strategies,
  play: (scene) =>
    ride(scene, {
      ...patient,
      callers: scene.callers,
      calm: 2_000,
      async strike({ scene: { stage, trouble = 10_000 }, tally }) {
        // From before: when all places are taken, those who ask for one take even the last for a moment.
        const admin = new pg.Client(stage.cluster.primary.config);
        await admin.connect();
        tally.broke();
        const others = await occupy(stage, admin);
        await pause(trouble);
        await Promise.all(others.map((other) => other.end()));
        tally.well();
        await admin.end();
      },
    }),
  broken: (figures) => [
    ...nobodyFails(figures),
    ...atMost('connection attempts', figures.connections, mostConnections),
  ],
};
