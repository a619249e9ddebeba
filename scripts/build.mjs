// Builds every package and packs it as it would be published: dist/ for the size budget, and
// .cache/tarballs for the package checks and the smoke test. Does nothing when nothing has changed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { stale } from './stale.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const names = readdirSync('packages');
const tarballs = '.cache/tarballs';
const tarballOf = (name) => {
  const { version } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'));
  return `${tarballs}/carom-${name}-${version}.tgz`;
};
const inputs = names.flatMap((name) => [
  ...readdirSync(`packages/${name}/src`, { recursive: true }).map(
    (file) => `packages/${name}/src/${file}`,
  ),
  ...readdirSync(`packages/${name}`)
    .filter((file) => /\.(json|md)$|^LICENSE$/.test(file))
    .map((file) => `packages/${name}/${file}`),
]);
const built = stale(
  'build',
  [...inputs, 'tsdown.config.ts', 'tsconfig.base.json', 'package-lock.json'],
  names.flatMap((name) => [`packages/${name}/dist/index.cjs`, tarballOf(name)]),
);

function run(file, args) {
  const { status } = spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(1);
}

if (built.isStale() || process.argv.includes('--force')) {
  run(process.execPath, ['node_modules/tsdown/dist/run.mjs']);
  rmSync(tarballs, { recursive: true, force: true });
  mkdirSync(tarballs, { recursive: true });
  run('npm', ['pack', '--workspaces', '--silent', '--pack-destination', tarballs]);
  built.done();
}
