/** The outages: a real server is broken and mended, and the callers of three strategies say what they noticed. */
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import { isCaromError } from '@carom/core';
import { adapters } from './clients/adapters.js';
import { type Options, readOptions, UsageError, usage } from './options.js';
import { writePage } from './page/page.js';
import { playAll } from './programme.js';
import { figuresOf, head, legend, missed, row } from './report.js';
import type { Scenario } from './scenarios/scenario.js';
import { scenarios } from './scenarios/scenarios.js';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** A time that never came is in the file, too. */
const orNull = (_: string, value: unknown): unknown => value ?? null;

async function outages(options: Options): Promise<number> {
  const { scenario, adapter, quick, json, html, clients, trouble, mix, seed } = options;
  // In a mix nothing is weighed: what is looked for is what is left.
  const isPlayed = ({ name, isMain }: Scenario): boolean =>
    scenario === undefined
      ? (isMain || !quick) && (name !== 'calm' || mix === undefined)
      : name === scenario;
  const programme = scenarios.filter(isPlayed);
  const chosen = adapters.filter((name) => name === (adapter ?? name));
  let title = '';
  const results = await playAll(
    { scenarios: programme, adapters: chosen, ...options },
    (result) => {
      if (result.scenario.title !== title) {
        title = result.scenario.title;
        say(`\n### ${title}\n\nReach: ${result.scenario.reach}.\n\n${head}`);
      }
      say(row(result));
    },
  );
  say(`\n${legend}`);
  const misses = missed(results);
  for (const miss of misses) say(`- MISSED: ${miss}`);
  if (misses.length === 0) say('\nCarom kept every promise that no noise can break.');
  const played = { clients, trouble, quick, mix, seed };
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify(figuresOf(results, played), orNull, 2)}\n`);
  }
  if (html !== undefined) await writePage(html, results);
  return misses.length === 0 ? 0 : 1;
}

/** Says what is wrong and returns the exit code, which is never the one that accuses Carom. */
function failure(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
  // The fault kit's own words are for people: no server, or none that may be broken.
  const said = isCaromError(error) ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`\nThe outages themselves failed: ${String(said)}\n`);
  return 3;
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options.help) return await outages(options);
    say(usage);
    return 0;
  } catch (error) {
    return failure(error);
  }
}

process.exit(await main());
