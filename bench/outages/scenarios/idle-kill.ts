/** A process has nothing to do, and all its connections are killed. */
import { once } from 'node:events';
import { emptyFigures } from '../figures.js';
import { nothing } from '../leftovers.js';
import { eventually, inTime } from '../patience.js';
import { next, start } from '../programs/child.js';
import type { Scene } from '../ride.js';
import { applicationName } from '../stage.js';
import { strategies } from '../strategies.js';
import { atMost, nobodyFails, type Scenario } from './scenario.js';

const calls = 2;
/** In ms; an exit that takes longer is held up by something that was left behind. */
const exit = 10_000;

async function play({ stage, adapter, strategy }: Scene) {
  await using proxy = await stage.proxy();
  const child = start('idle.ts', { adapter, strategy, config: stage.config(proxy) });
  const ended = once(child, 'exit');
  try {
    const said = await next<string>(child);
    if (said === undefined) throw new Error('the idle process died before anything happened');
    await stage.cluster.primary.killBackends({ applicationName });
    // It has heard of it when the last connection is gone on its side too.
    await eventually(() => proxy.connections === 0, exit);
    if (child.connected) child.send('go', () => undefined);
    const result = await next<{ readonly failed: number; readonly slots: number }>(child);
    const code = await inTime(ended, exit);
    const died = result === undefined ? 1 : 0;
    const handles = code === undefined ? 1 : 0;
    return {
      ...emptyFigures,
      ...{ shots: calls, failed: result?.failed ?? calls, more: { died } },
      left: { ...nothing, slots: result?.slots ?? 0, handles },
    };
  } finally {
    child.kill('SIGKILL');
  }
}

export const idleKill: Scenario = {
  name: 'idle-kill',
  title: 'process idle, all backends killed',
  reach: 'the process lives, the next query succeeds',
  isMain: true,
  standby: 'none',
  strategies,
  play,
  broken: (figures) => [
    ...nobodyFails(figures),
    ...atMost('processes died', figures.more?.['died'] ?? 0, 0),
  ],
};
