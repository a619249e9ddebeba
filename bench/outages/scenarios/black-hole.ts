/** The network swallows everything, and nobody is told: no RST, no FIN. */
import { setTimeout as pause } from 'node:timers/promises';
import { ride, usual } from '../ride.js';
import { strategies } from '../strategies.js';
import { always, type Scenario } from './scenario.js';

/** Every caller has an answer after so long, whatever it is; no longer than the trouble. */
const longest = 4_000;

export const blackHole: Scenario = {
  name: 'black-hole',
  title: 'network black hole for 10 s, no RST; deadline 4 s',
  reach: 'every caller answered, 0 hung, 0 slots leaked',
  isMain: true,
  standby: 'none',
  strategies,
  play: (scene) => {
    const deadline = Math.min(longest, scene.trouble ?? longest);
    return ride(scene, {
      ...usual,
      carom: { exactlyOnce: true, timeout: deadline },
      callers: scene.callers,
      calm: 2_000,
      // Who has no deadline of its own hangs however long one waits.
      grace: deadline + (scene.strategy === 'carom' ? 10_000 : 1_000),
      // Who may not wait until the server can be asked cannot know.
      knows: 'nothing',
      isSilent: true,
      async strike({ scene: { trouble = 10_000 }, tally, proxy }) {
        tally.broke();
        const everything = { kind: 'blackHole', times: 1_000_000 } as const;
        // What was swallowed once stays silent, as it does where a firewall has forgotten the connection.
        const faults = [
          proxy.inject({ ...everything, at: 'statement' }),
          proxy.inject({ ...everything, at: 'connect' }),
        ];
        for (const { fired, settled } of faults) {
          for (const told of [fired, settled]) told.catch(() => undefined);
        }
        await pause(trouble);
        for (const fault of faults) fault.withdraw();
        tally.well();
      },
    });
  },
  broken: always,
};
