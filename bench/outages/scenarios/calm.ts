/** Nothing happens: what one autocommit query costs more than with the bare client. */
import { emptyFigures } from '../figures.js';
import type { Weight } from '../programs/calm.js';
import { next, start } from '../programs/child.js';
import type { Scene } from '../ride.js';
import { strategies } from '../strategies.js';
import { atMost, type Scenario } from './scenario.js';

/** What Carom may add to a query. */
const most = { promises: 2, bytes: 300, roundTrips: 0 };

/** So that no garbage is collected within a round. */
const flags = ['--expose-gc', '--max-semi-space-size=64'];

interface Said {
  readonly bare: Weight;
  readonly with: Weight;
  readonly queries: number;
}

async function play({ stage, adapter, strategy }: Scene) {
  await using proxy = await stage.proxy();
  const child = start('calm.ts', { adapter, strategy, config: stage.config(proxy) }, flags);
  try {
    const said = await next<Said>(child);
    if (said === undefined) throw new Error('the calm process died');
    const more = {
      // Half of the queries are bare; a new connection has a few of its own.
      addedRoundTrips: Math.round((proxy.seen.roundTrips - said.queries) / (said.queries / 2)),
      addedPromises: said.with.promises - said.bare.promises,
      addedBytes: said.with.bytes - said.bare.bytes,
      ...{ promises: said.with.promises, bytes: said.with.bytes },
      cpuMicroseconds: said.with.cpuMicroseconds,
      bareCpuMicroseconds: said.bare.cpuMicroseconds,
    };
    return { ...emptyFigures, shots: said.queries, attemptsAtServer: proxy.seen.queries, more };
  } finally {
    child.kill('SIGKILL');
  }
}

export const calm: Scenario = {
  name: 'calm',
  title: 'calm sea',
  reach: `no round trip, at most ${most.promises} promises and ${most.bytes} B more per query than the bare client`,
  isMain: false,
  standby: 'none',
  strategies,
  play,
  broken: ({ more = {} }) => [
    ...atMost('added round trips', more['addedRoundTrips'] ?? 0, most.roundTrips),
    ...atMost('added promises', more['addedPromises'] ?? 0, most.promises),
    ...atMost('added bytes', more['addedBytes'] ?? 0, most.bytes),
  ],
};
