/** The outages in earnest, each as short as it can be: what Carom promises through them holds, and nothing is left. */
import { needs } from '@carom/testing';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { adapters } from '../../bench/outages/clients/adapters.js';
import type { Figures } from '../../bench/outages/figures.js';
import { scenarios } from '../../bench/outages/scenarios/scenarios.js';
import { Stage } from '../../bench/outages/stage.js';
import type { StrategyName } from '../../bench/outages/strategies.js';

const callers = 30;
const trouble = 600;
const stages = new Map<'none' | 'sync', Stage>();

afterAll(async () => {
  await Promise.all([...stages.values()].map((stage) => stage.close()));
}, 60_000);

async function stageOf(standby: 'none' | 'sync'): Promise<Stage> {
  const stage = stages.get(standby) ?? (await Stage.open(standby));
  stages.set(standby, stage);
  await stage.clear(standby);
  return stage;
}

async function play(name: string, adapter: (typeof adapters)[number], strategy: StrategyName) {
  const scenario = scenarios.find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`);
  const stage = await stageOf(scenario.standby);
  const figures = await scenario.play({ stage, adapter, strategy, callers, trouble });
  return { figures, broken: scenario.broken(figures) };
}

const numbers = ({ shots, failed, unknown, errors }: Figures): object => ({
  shots,
  failed,
  unknown,
  errors,
});

/** Each row of the table through one adapter; the contract suite has what must hold through each. */
const rows = [
  ['stop', 'pg'],
  ['stop', 'knex'],
  ['stop', 'prisma'],
  ['rolling-kill', 'knex'],
  ['deadlocks', 'pg'],
  ['serializable', 'prisma'],
  ['black-hole', 'pg'],
  ['idle-kill', 'pg'],
] as const;

describe('through the outage, with Carom', () => {
  test.each(rows)('%s, %s', async (name, adapter) => {
    const { figures, broken } = await play(name, adapter, 'carom');
    expect([broken, numbers(figures)]).toEqual([[], numbers(figures)]);
    expect(figures.shots).toBeGreaterThan(0);
  });

  for (const [name, adapter] of [
    ['failover-fence', 'pg'],
    ['failover', 'knex'],
  ] as const) {
    needs('standby', test)(`${name}, ${adapter}`, async () => {
      const { figures, broken } = await play(name, adapter, 'carom');
      expect([broken, numbers(figures)]).toEqual([[], numbers(figures)]);
    });
  }
});

describe('the controls, which show that a promise can be broken', () => {
  test('a bare client fails while the server is away', async () => {
    const { figures, broken } = await play('stop', 'pg', 'none');
    expect(figures.failed).toBeGreaterThan(0);
    expect(broken).toContain(`failed ${figures.failed}, should be 0`);
  });

  test('in a black hole it hangs, and its connections are gone for good', async () => {
    const { figures } = await play('black-hole', 'pg', 'none');
    expect(figures.hung).toBeGreaterThan(0);
    expect(figures.left.slots).toBeGreaterThan(0);
  });

  test('its process dies of idle connections that are killed', async () => {
    const { figures } = await play('idle-kill', 'pg', 'none');
    expect(figures.more).toEqual({ died: 1 });
  });
});
