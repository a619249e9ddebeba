/** Plays the histories, prints what was found, and fails when Carom let a level down. */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { type Options, readOptions, usage } from './options.js';
import { playHistories } from './play.js';
import { report } from './report.js';

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function main({ seed, seconds, json }: Options): Promise<number> {
  const result = await playHistories({ seed, seconds, say });
  say(`\n${report(result)}`);
  say(`Play it again: npm run histories -- --seed ${seed} --seconds ${seconds}`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, undefined, 2)}\n`);
  return result.ok ? 0 : 1;
}

const options = readOptions(process.argv.slice(2));
// A connection that fell silent may still be open in a client that was closed: nobody waits for it.
if (options.help) say(usage);
else process.exit(await main(options));
