/** The proof of «never twice, never a lie»: plays it, says what came of it, and fails when a word was not kept. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { isCaromError } from '@carom/core';
import { playHistories } from './histories/play.js';
import { report } from './histories/report.js';
import { type Options, readOptions, UsageError, usage } from './options.js';
import { progressOn } from './progress.js';
import { details, figuresOf, objections, table } from './report.js';
import { proveWrites } from './writes.js';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

/** Everything but the exit code, which it returns. */
async function prove(options: Options): Promise<number> {
  const began = performance.now();
  const progress = progressOn(process.stdout, began);
  const result = await proveWrites(options, progress).finally(() => progress.close());
  say(`\n${table(result)}\n\n${details(result, options)}\n`);
  say('Now concurrent transactions at every isolation level, under the same kinds of faults.');
  const seconds = options.quick ? 5 : 60;
  const histories = await playHistories({ seed: options.seed, seconds, say });
  say(`\n${report(histories)}`);
  const objected = [
    ...objections(result, options),
    ...(histories.ok ? [] : ['a history shows what its isolation level forbids']),
  ];
  for (const objection of objected) say(`NOT PROVED: ${objection}`);
  if (objected.length === 0)
    say('Proved: no wrong answer, and none left open that could be known.');
  const took = ((performance.now() - began) / 1_000).toFixed(0);
  const { seed, shots, quick, json } = options;
  say(
    `${took} s. Again: npm run prove -- --seed ${seed} ${quick ? '--quick' : `--shots ${shots}`}`,
  );
  if (json !== undefined) {
    const figures = { ...figuresOf(result, options), histories, objections: objected };
    writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`);
  }
  return objected.length === 0 ? 0 : 1;
}

/** Says what is wrong and returns the exit code, which is never the one that accuses Carom. */
function failure(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${usage}`);
    return 2;
  }
  // The fault kit's own words are for people: no server, or none that may be broken.
  const said = isCaromError(error) ? error.message : error instanceof Error ? error.stack : error;
  process.stderr.write(`\nThe proof itself failed: ${String(said)}\n`);
  return 3;
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options.help) return await prove(options);
    say(usage);
    return 0;
  } catch (error) {
    return failure(error);
  }
}

process.exit(await main());
