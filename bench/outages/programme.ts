/** The programme is which runs are made, on which stage: one after the other, or a random mix. */
import process from 'node:process';
import type { Millis } from '@carom/core';
import { seededRandom } from '@carom/core/testing';
import type { Adapter } from './clients/adapters.js';
import type { Figures } from './figures.js';
import type { Result } from './report.js';
import { joined, roundsOf, turnsOf } from './rounds.js';
import type { Scenario } from './scenarios/scenario.js';
import { Stage } from './stage.js';
import type { StrategyName } from './strategies.js';

export interface Programme {
  readonly scenarios: readonly Scenario[];
  readonly adapters: readonly Adapter[];
  /** The only one; undefined for all that a scenario has. */
  readonly strategy: StrategyName | undefined;
  readonly clients: number;
  readonly trouble: Millis | undefined;
  /** How long a random mix lasts; undefined for all of it once. */
  readonly mix: Millis | undefined;
  readonly seed: number;
}

/** One scenario through one adapter. */
interface Group {
  readonly scenario: Scenario;
  readonly adapter: Adapter;
  readonly strategies: readonly StrategyName[];
  readonly rounds: number;
  /** Of each round. */
  readonly trouble: Millis | undefined;
}

function* inOrder({ scenarios, adapters, strategy, trouble }: Programme): Generator<Group> {
  for (const scenario of scenarios) {
    const strategies = scenario.strategies.filter((name) => name === (strategy ?? name));
    for (const adapter of adapters) {
      yield { scenario, adapter, strategies, ...roundsOf(scenario, trouble) };
    }
  }
}

/** Carom alone, with troubles of 1 to 4 s. */
function* atRandom({ scenarios, adapters, mix = 0, seed }: Programme): Generator<Group> {
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const end = performance.now() + mix;
  while (performance.now() < end) {
    const trouble = 1_000 + random() * 3_000;
    const [scenario, adapter] = [pick(scenarios), pick(adapters)];
    yield { scenario, adapter, strategies: ['carom'], rounds: 1, trouble };
  }
}

/** Stages are opened when they are needed, and serve all runs that can have them. */
class Stages {
  readonly #open: Map<Scenario['standby'], Stage> = new Map();

  async of(standby: Scenario['standby']): Promise<Stage> {
    const known = this.#open.get(standby);
    if (known !== undefined) return known;
    const stage = await Stage.open(standby);
    this.#open.set(standby, stage);
    return stage;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((stage) => stage.close()));
    this.#open.clear();
  }
}

/** The last round is in order, and tells what came of each. */
async function* playGroup(group: Group, stages: Stages, callers: number): AsyncGenerator<Result> {
  const { scenario, adapter, strategies, rounds, trouble } = group;
  const played = new Map<StrategyName, readonly Figures[]>();
  for (let left = rounds - 1; left >= 0; left--) {
    for (const strategy of turnsOf(strategies, left)) {
      const stage = await stages.of(scenario.standby);
      await stage.clear(scenario.standby);
      const figures = await scenario.play({ stage, adapter, strategy, callers, trouble });
      const all = [...(played.get(strategy) ?? []), figures];
      played.set(strategy, all);
      if (left === 0) yield { scenario, adapter, strategy, figures: joined(all) };
    }
  }
}

/** Plays it all; no server outlives it. */
export async function playAll(
  programme: Programme,
  tell: (result: Result) => void,
): Promise<readonly Result[]> {
  const stages = new Stages();
  const interrupted = (): void => {
    void stages.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const results: Result[] = [];
    const groups = programme.mix === undefined ? inOrder(programme) : atRandom(programme);
    for (const group of groups) {
      for await (const result of playGroup(group, stages, programme.clients)) {
        results.push(result);
        tell(result);
      }
    }
    return results;
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await stages.close();
  }
}
