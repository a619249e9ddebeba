// Makes a fresh clone ready to run: dependencies, then the Prisma client, each only when missing or
// stale. `npm test` and `npm run demo` start with it. It uses nothing but Node and npm.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { stale } from './stale.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

function stop(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

function run(title, file, args, hint) {
  const started = Date.now();
  console.log(`${title} …`);
  const { status, error } = spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) stop(`${title} failed${error ? ` (${error.message})` : ''}. ${hint}`);
  console.log(`${title}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

const [major, minor] = process.versions.node.split('.').map(Number);
if (!((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24)) {
  stop(`Carom needs Node ${readJson('package.json').engines.node}; this is ${process.version}.`);
}

/** Whether what is installed differs from the lock. Contents count, not dates: a checkout changes those. */
function needsInstall() {
  const installed = 'node_modules/.package-lock.json';
  if (!existsSync(installed)) return true;
  const have = readJson(installed).packages;
  return Object.entries(readJson('package-lock.json').packages).some(([path, wanted]) => {
    if (!path.includes('node_modules/')) return false;
    const found = have[path];
    // Another platform's package is rightly absent.
    if (!found) return !wanted.optional;
    return found.version !== wanted.version || found.resolved !== wanted.resolved;
  });
}

if (needsInstall()) {
  // The npm that runs this script, or else the one on the path.
  const npm = process.env.npm_execpath;
  // What the user's own settings would leave out is needed here: tools, and their native parts.
  const include = ['--include=dev', '--include=optional'];
  const args = [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...include,
  ];
  const [file, first] = npm?.endsWith('js') ? [process.execPath, [npm]] : ['npm', []];
  run(
    'Installing dependencies with npm ci (about a minute)',
    file,
    [...first, ...args],
    'Is the npm registry reachable?',
  );
}

const schemas = readdirSync('prisma').filter((name) => name.endsWith('.prisma'));
const client = stale(
  'prisma-client',
  [
    'prisma.config.ts',
    'node_modules/prisma/package.json',
    ...schemas.map((name) => `prisma/${name}`),
  ],
  ['prisma/generated/client.ts'],
);
if (client.isStale()) {
  run('Generating the Prisma client', process.execPath, ['scripts/generate.mjs'], 'See above.');
  client.done();
}
