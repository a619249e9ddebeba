/** Simulates outages with the real engine, and says what each strategy made of them. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { type Contestant, contestants, plays } from './contestants.js';
import type { Figures } from './figures.js';
import { type Options, readOptions, usage } from './options.js';
import { head, legend, type Result, row } from './report.js';
import { type Scenario, scenarios } from './scenarios.js';
import { simulate } from './simulation.js';
import { spreads } from './spread.js';
import { missed } from './targets.js';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function play(
  contestant: Contestant,
  scenario: Scenario,
  { seeds, controlSeeds, duration }: Options,
): Promise<Result> {
  const count = contestant.isCarom ? seeds : controlSeeds;
  const lasts = duration && Math.min(duration, scenario.lasts ?? duration);
  const runs: Figures[] = [];
  for (let seed = 1; seed <= count; seed++) {
    runs.push(await simulate(contestant, scenario, seed, lasts));
  }
  return {
    scenario: scenario.name,
    strategy: contestant.name,
    seeds: count,
    figures: spreads(runs),
  };
}

async function main(options: Options): Promise<void> {
  // Hundreds of thousands of errors, and nobody reads where they came from.
  Error.stackTraceLimit = 0;
  const misses: string[] = [];
  const results: Result[] = [];
  for (const scenario of scenarios) {
    if (scenario.name !== (options.scenario ?? scenario.name)) continue;
    say(head(scenario));
    for (const contestant of contestants) {
      if (contestant.name !== (options.strategy ?? contestant.name)) continue;
      if (!plays(contestant, scenario)) continue;
      const result = await play(contestant, scenario, options);
      say(row(result, scenario));
      results.push(result);
      misses.push(...missed(scenario.name, contestant.name, result.figures));
    }
  }
  say(`\n${legend}\n`);
  for (const miss of misses) say(`- MISSED: ${miss}`);
  if (misses.length === 0) say('Every target is reached with every seed.');
  if (options.json !== undefined) {
    const { seeds, duration = null } = options;
    // No number in JSON is endless: `null` is never.
    writeFileSync(options.json, JSON.stringify({ seeds, duration, misses, results }, null, 2));
  }
  if (misses.length > 0) process.exitCode = 1;
}

const options = readOptions(process.argv.slice(2));
if (options.help) say(usage);
else await main(options);
