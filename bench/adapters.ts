/** The adapters on the scales: what a query and a transaction cost more in Carom than with the bare client. */
import { type Adapter, adapters } from './outages/clients/adapters.js';
import type { ClientSettings } from './outages/clients/client.js';
import { Stage } from './outages/stage.js';
import { scales, weigh } from './outages/weigh.js';

const works = ['query', 'transaction'] as const;

/** By name: `pg.query.promises`, `pg.query.bytes`. */
export async function weighAdapters(): Promise<Readonly<Record<string, number>>> {
  const stage = await Stage.open('none');
  try {
    const config = stage.config(stage.cluster.primary.config);
    // Side by side: nothing here is timed.
    const weighed = await Promise.all(adapters.map((adapter) => weighAdapter(adapter, config)));
    return Object.fromEntries(weighed.flat());
  } finally {
    await stage.close();
  }
}

async function weighAdapter(
  adapter: Adapter,
  config: ClientSettings['config'],
): Promise<readonly (readonly [name: string, value: number])[]> {
  const metrics: [string, number][] = [];
  for (const work of works) {
    const task = { adapter, strategy: 'carom', config } as const;
    const { bare, with: own, addedBytes } = await weigh(task, work, scales.exact[work]);
    metrics.push([`${adapter}.${work}.promises`, own.promises - bare.promises]);
    metrics.push([`${adapter}.${work}.bytes`, addedBytes]);
  }
  return metrics;
}
