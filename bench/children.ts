/** Child processes: plain Node on JavaScript, so that no loader has a part in what is measured. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { cache, root } from './root.js';

/** The children: `figures` knows all libraries; `load` knows none, or it would have loaded it. */
const scripts = { figures: 'bench/child/main.ts', load: 'bench/child/load.ts' };
/** Modules with nothing in them, of both kinds: one to warm the loader up, one to compare with. */
export const warmer = { import: join(cache, 'warmer.mjs'), require: join(cache, 'warmer.cjs') };
export const empty = { import: join(cache, 'empty.mjs'), require: join(cache, 'empty.cjs') };

/** A child that takes longer hangs, in ms. */
const patience = 180_000;

/** Bundles the children's source; the libraries stay what they are. */
export async function prepareChildren(): Promise<void> {
  mkdirSync(cache, { recursive: true });
  for (const file of [warmer, empty].flatMap(Object.values)) writeFileSync(file, '');
  await build({
    absWorkingDir: root,
    entryPoints: scripts,
    outdir: cache,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
}

/** What a child process wrote. */
export function inChild<T>(
  script: keyof typeof scripts,
  args: readonly string[],
  nodeOptions: readonly string[] = [],
): T {
  const { status, signal, stdout, error } = spawnSync(
    process.execPath,
    // Peers warn of the listeners they leave behind.
    ['--no-warnings', ...nodeOptions, join(cache, `${script}.mjs`), ...args],
    { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: patience },
  );
  if (status === 0) return JSON.parse(stdout) as T;
  const why = error?.message ?? `status ${status ?? signal}`;
  throw new Error(`the child process "${script} ${args.join(' ')}" failed: ${why}`);
}
