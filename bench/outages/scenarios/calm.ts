/** Nothing happens: what one autocommit query costs more than with the bare client. */
import { emptyFigures } from '../figures.js';
import type { Scene } from '../ride.js';
import { strategies } from '../strategies.js';
import { type Scale, scales, weigh } from '../weigh.js';
import { atMost, type Scenario } from './scenario.js';

/** What Carom may add to a query. */
const most = { promises: 2, bytes: 300, roundTrips: 0 };

/** What a query costs more in `scene`. */
export async function weighCalm({ stage, adapter, strategy }: Scene, scale: Scale) {
  await using proxy = await stage.proxy();
  const task = { adapter, strategy, config: stage.config(proxy) };
  const { bare, with: own, addedBytes, cpuRatio, done } = await weigh(task, 'query', scale);
  const more = {
    // Half of the queries are bare; a new connection has a few round trips of its own.
    addedRoundTrips: Math.round((proxy.seen.roundTrips - done) / (done / 2)),
    addedPromises: own.promises - bare.promises,
    addedBytes,
    ...{ promises: own.promises, bytes: own.bytes },
    cpuMicroseconds: own.cpuMicroseconds,
    bareCpuMicroseconds: bare.cpuMicroseconds,
    cpuRatio,
  };
  return { ...emptyFigures, shots: done, attemptsAtServer: proxy.seen.queries, more };
}

export const calm: Scenario = {
  name: 'calm',
  title: 'calm sea',
  reach: `no round trip, at most ${most.promises} promises and ${most.bytes} B more per query than the bare client`,
  isMain: false,
  standby: 'none',
  strategies,
  play: (scene) => weighCalm(scene, scales.optimized),
  broken: ({ more = {} }) => [
    ...atMost('added round trips', more['addedRoundTrips'] ?? 0, most.roundTrips),
    ...atMost('added promises', more['addedPromises'] ?? 0, most.promises),
    ...atMost('added bytes', more['addedBytes'] ?? 0, most.bytes),
  ],
};
