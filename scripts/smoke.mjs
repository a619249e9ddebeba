// Smoke test of the packed packages: installs the tarballs into an empty project and uses them on
// each supported Node, with import, with require, from a CommonJS jest project and from TypeScript.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const readJson = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8'));
const majors = [20, 22, 24];

function run(title, file, args, cwd) {
  const started = Date.now();
  const result = spawnSync(file, args, { cwd, encoding: 'utf8', timeout: 180_000 });
  const output = `${result.stdout}${result.stderr}${result.error?.message ?? ''}`;
  const ok = result.status === 0;
  if (title)
    console.log(
      `${ok ? 'ok  ' : 'FAIL'} ${title} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
    );
  return { ok, output };
}

function must(title, file, args, cwd) {
  const { ok, output } = run(title, file, args, cwd);
  if (!ok) {
    console.error(output);
    process.exitCode = 1;
  }
  return ok;
}

const quiet = [
  '--no-audit',
  '--no-fund',
  '--ignore-scripts',
  '--loglevel=error',
  '--prefer-offline',
];

/** A Node of that major version: the running one, or the one that npm carries for this platform. */
function nodeOf(major) {
  if (Number(process.versions.node.split('.')[0]) === major) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(root, '.cache/node', String(major));
  const file = join(folder, 'node_modules', name, 'bin/node');
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-save', ...quiet, '--prefix', folder, `${name}@${major}`];
  const { ok, output } = run(undefined, 'npm', args, folder);
  if (ok) return file;
  const isAbsent = /E404|ETARGET/.test(output);
  console.log(
    `${isAbsent ? 'skip' : 'FAIL'} Node ${major}: ${isAbsent ? `npm carries no ${name}@${major}` : output}`,
  );
  // Where CI runs it must be there.
  if (!isAbsent || process.platform === 'linux') process.exitCode = 1;
  return undefined;
}

const names = readdirSync(join(root, 'packages'));
const manifests = names.map((name) => readJson('packages', name, 'package.json'));
const entries = manifests.flatMap(({ name, exports }) =>
  Object.keys(exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => `${name}${entry.slice(1)}`),
);

/** An empty project with the tarballs and the libraries that they adapt. */
function project() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'carom-smoke-')));
  const tarballs = join(root, '.cache/tarballs');
  const versionOf = (name) => readJson('node_modules', name, 'package.json').version;
  const peers = manifests.flatMap(({ peerDependencies, peerDependenciesMeta }) =>
    Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional),
  );
  const dependencies = {
    ...Object.fromEntries(
      manifests.map(({ name, version }) => [
        name,
        `file:${tarballs}/${name.slice(1).replace('/', '-')}-${version}.tgz`,
      ]),
    ),
    ...Object.fromEntries(
      [...peers, '@types/pg', '@types/node'].map((name) => [name, versionOf(name)]),
    ),
  };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'smoke', private: true, dependencies }),
  );
  cpSync(join(root, 'scripts/smoke'), folder, { recursive: true });
  writeFileSync(
    join(folder, 'consumer.mts'),
    entries.map((entry, i) => `import * as e${i} from '${entry}';\nvoid e${i};\n`).join(''),
  );
  writeFileSync(
    join(folder, 'consumer.cts'),
    entries.map((entry, i) => `import e${i} = require('${entry}');\nvoid e${i};\n`).join(''),
  );
  return folder;
}

const folder = project();
try {
  const install = ['install', '--omit=optional', '--no-package-lock', ...quiet];
  if (must('install the tarballs', 'npm', install, folder)) {
    must('npm ls', 'npm', ['ls', '--all', '--omit=optional'], folder);
    const tsc = join(root, 'node_modules/typescript7/bin/tsc');
    const flags = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      'node',
    ];
    must(
      'types, for ESM and for CommonJS',
      process.execPath,
      [tsc, ...flags, 'consumer.mts', 'consumer.cts'],
      folder,
    );
    for (const major of majors) {
      const node = nodeOf(major);
      if (!node) continue;
      must(`Node ${major}: import and require`, node, ['modules.mjs', ...entries], folder);
      const jest = join(root, 'node_modules/jest/bin/jest.js');
      must(
        `Node ${major}: a CommonJS jest project`,
        node,
        [jest, '--rootDir', folder, '--ci'],
        folder,
      );
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
