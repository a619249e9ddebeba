/** Plays the histories, prints what was found, and fails when Carom let a level down. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { type Options, readOptions, usage } from './options.js';
import { playHistories } from './play.js';
import { report } from './report.js';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function main({ seed, seconds, commit, json }: Options): Promise<number> {
  const result = await playHistories({ seed, seconds, commit, say });
  say(`\n${report(result)}`);
  say(`Play it again: npm run histories -- --seed ${seed} --seconds ${seconds} --commit ${commit}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, undefined, 2)}\n`);
  return result.ok ? 0 : 1;
}

/** The options, or why they cannot be used. */
function options(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}

/** What failed is the run itself: never the exit code that accuses Carom. */
function failed(error: unknown): number {
  process.stderr.write(`\nThe histories could not be played: ${(error as Error).stack}\n`);
  return 3;
}

const asked = options();
if (asked?.help) say(usage);
// A connection that fell silent may still be open in a client that was closed: nobody waits for it.
else process.exit(asked === undefined ? 2 : await main(asked).catch(failed));
