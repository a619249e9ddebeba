// Runs every check of this repository: `npm run check`. It stops at the first that fails.
//   --all             go on after a failure
//   --without a,b     leave steps out, for a caller who has run them
//   --only a,b        run only these
//   --json FILE       write { passed, failed } to a file
// Each step is a script of package.json and can be run alone: `npm run lint`.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** The cheap and the telling ones first. */
const titles = {
  lint: 'Format, lint, promises that nobody awaits',
  types: 'Types, package by package, then with the tests',
  house: 'House rules: imports, manifests, lock file',
  unused: 'Unused files, exports and dependencies',
  unit: 'Unit tests',
  build: 'Build, ESM and CommonJS',
  size: 'Size budget',
  gate: 'Weight: promises, ticks and bytes of a shot, against the stored baseline',
  package: 'Package checks: publint, attw',
  smoke: 'Smoke test of the packed packages on Node 20, 22 and 24',
  integration: 'Integration tests on a real Postgres',
};

const { values } = parseArgs({
  options: {
    all: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
    only: { type: 'string', default: Object.keys(titles).join() },
    json: { type: 'string' },
  },
});
const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const chosen = (list) => {
  const steps = list.split(',').filter(Boolean);
  const wrong = steps.find((step) => !(step in titles));
  if (wrong) throw new Error(`no step "${wrong}"; there are ${Object.keys(titles).join(', ')}`);
  return new Set(steps);
};
const [only, without] = [chosen(values.only), chosen(values.without)];
const env = {
  ...process.env,
  PATH: join(root, 'node_modules/.bin') + delimiter + process.env.PATH,
  NO_COLOR: '1',
};

const results = [];
let stopped = false;
for (const [step, title] of Object.entries(titles)) {
  if (!only.has(step) || without.has(step)) continue;
  if (stopped) {
    results.push({ step, state: 'not run' });
    continue;
  }
  console.log(`\n=== ${title} (npm run ${step})`);
  const started = Date.now();
  const { status, stdout, stderr } = spawnSync(scripts[step], {
    cwd: root,
    env,
    shell: true,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1e9,
    timeout: 600_000,
  });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const state = status === 0 ? 'passed' : 'FAILED';
  results.push({ step, state, seconds });
  if (status !== 0) {
    process.stdout.write(`${stdout}${stderr}`);
    stopped = !values.all;
  }
  console.log(`=== ${state} in ${seconds} s`);
}

const count = (state) => results.filter((result) => result.state === state).length;
const [passed, failed, notRun] = ['passed', 'FAILED', 'not run'].map(count);
console.log('');
for (const { step, state, seconds } of results) {
  console.log(`${state.padEnd(8)} ${step.padEnd(12)} ${seconds ? `${seconds.padStart(6)} s` : ''}`);
}
console.log(`\nchecks: ${passed} passed, ${failed} failed${notRun ? `, ${notRun} not run` : ''}`);
if (values.json) writeFileSync(values.json, JSON.stringify({ passed, failed }));
if (failed > 0 || passed === 0) process.exitCode = 1;
