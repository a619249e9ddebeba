/** The demo: the same shop, load and faults three times, and the numbers that came of it. */
import { access, constants, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isCaromError } from '@carom/core';
import { plan } from './load/plan.js';
import { type DemoOptions, readOptions, UsageError, usage } from './options.js';
import { writeReport } from './report/report.js';
import { run, type Script } from './run.js';
import { countFaults, schedule } from './schedule.js';
import { Stage } from './stage.js';
import { strategies, strategyTexts } from './strategies.js';
import { keptItsWord, type RunResult } from './tally/result.js';
import { liveView } from './view/live.js';
import { meaning, remarks } from './view/meaning.js';
import { painter, wantsColour } from './view/paint.js';
import { plainView } from './view/plain.js';
import { table } from './view/table.js';
import type { View } from './view/view.js';

const out = process.stdout;
const say = (text: string): void => {
  out.write(`${text}\n`);
};
const paint = painter(wantsColour(out.isTTY === true, process.env));

/** Opens the stage, and closes it whatever happens: no server outlives the demo. */
async function play(script: Script, view: View): Promise<readonly RunResult[]> {
  view.preparing('Starting PostgreSQL: a primary and its synchronous standby …');
  const stage = await Stage.open();
  const interrupted = (): void => {
    view.close();
    say('\nInterrupted: stopping the servers …');
    void stage.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const results: RunResult[] = [];
    for (const strategy of strategies) {
      view.preparing(`Preparing a new shop: ${strategyTexts[strategy].title} …`);
      results.push(await run(strategy, stage, script, view));
    }
    return results;
  } finally {
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    view.close();
    await stage.close();
  }
}

/** @throws UsageError for a file that could not be written at the end of a minute's work */
async function checkFolder(name: string, file: string | undefined): Promise<void> {
  if (file === undefined) return;
  const folder = dirname(resolve(file));
  await access(folder, constants.W_OK).catch(() => {
    throw new UsageError(
      `Option --${name} is "${file}", but the folder ${folder} cannot be written to.`,
    );
  });
}

/** Everything but the exit code, which it returns. */
async function demo({ seconds, seed, json, report }: DemoOptions): Promise<number> {
  await checkFolder('json', json);
  await checkFolder('report', report);
  const runMs = Math.floor((seconds * 1_000) / strategies.length);
  const script = { runMs, plan: plan(seed, runMs), schedule: schedule(seed, runMs) };
  const faults = countFaults(script.schedule);
  const title = `Carom: a shop under fire. Seed ${seed}, ${seconds} s, the same ${faults.total} faults for each of three strategies.`;
  const live = out.isTTY === true && process.env['TERM'] !== 'dumb';
  if (!live) say(title);
  const results = await play(script, live ? liveView(out, title, paint) : plainView(say));

  say(`\n${table(results, paint)}\n`);
  say(meaning(results));
  for (const remark of remarks(results)) say(remark);
  say(`\nPlay it again: npm run demo -- --seed ${seed} --seconds ${seconds}`);
  const played = { seed, seconds, faults };
  if (json !== undefined) {
    const columns = Object.fromEntries(results.map(({ strategy, numbers }) => [strategy, numbers]));
    await writeFile(json, `${JSON.stringify({ ...played, strategies: columns }, undefined, 2)}\n`);
  }
  if (report !== undefined) {
    await writeReport(report, { ...played, runMs, results });
    say(`The timelines: ${relative(process.cwd(), report)}`);
  }
  const carom = results.find(({ strategy }) => strategy === 'carom');
  return carom !== undefined && keptItsWord(carom.numbers) ? 0 : 1;
}

/** Says what is wrong and returns the exit code, which is never the one that accuses Carom. */
function failure(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
  // The fault kit's own words are for people: no server, or none that may be broken.
  const said = isCaromError(error) ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`\nThe demo itself failed: ${String(said)}\n`);
  return 3;
}

async function main(): Promise<number> {
  try {
    const reportFile = fileURLToPath(new URL('report.html', import.meta.url));
    const options = readOptions(process.argv.slice(2), reportFile);
    if (!options.help) return await demo(options);
    say(usage);
    return 0;
  } catch (error) {
    return failure(error);
  }
}

process.exit(await main());
