/** The programme is which runs are made, on which stage: one after the other, or a random mix. */
import process from 'node:process';
import type { Millis } from '@carom/core';
import { seededRandom } from '@carom/core/testing';
import type { Adapter } from './clients/adapters.js';
import type { Result } from './report.js';
import type { Scenario } from './scenarios/scenario.js';
import { Stage } from './stage.js';
import type { StrategyName } from './strategies.js';

export interface Programme {
  readonly scenarios: readonly Scenario[];
  readonly adapters: readonly Adapter[];
  readonly clients: number;
  readonly trouble: Millis | undefined;
  /** How long a random mix lasts; undefined for all of it once. */
  readonly mix: Millis | undefined;
  readonly seed: number;
}

interface Run {
  readonly scenario: Scenario;
  readonly adapter: Adapter;
  readonly strategy: StrategyName;
  readonly trouble: Millis | undefined;
}

function* inOrder({ scenarios, adapters, trouble }: Programme): Generator<Run> {
  for (const scenario of scenarios) {
    for (const adapter of adapters) {
      for (const strategy of scenario.strategies) yield { scenario, adapter, strategy, trouble };
    }
  }
}

/** Carom alone, with troubles of 1 to 4 s. */
function* atRandom({ scenarios, adapters, mix = 0, seed }: Programme): Generator<Run> {
  const random = seededRandom(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const end = performance.now() + mix;
  while (performance.now() < end) {
    const trouble = 1_000 + random() * 3_000;
    yield { scenario: pick(scenarios), adapter: pick(adapters), strategy: 'carom', trouble };
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
    const runs = programme.mix === undefined ? inOrder(programme) : atRandom(programme);
    for (const { scenario, adapter, strategy, trouble } of runs) {
      const stage = await stages.of(scenario.standby);
      await stage.clear(scenario.standby);
      const scene = { stage, adapter, strategy, callers: programme.clients, trouble };
      const result = { scenario, adapter, strategy, figures: await scenario.play(scene) };
      results.push(result);
      tell(result);
    }
    return results;
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await stages.close();
  }
}
