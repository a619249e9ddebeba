/** Runs the linter over known defects: a promise that nobody awaits must be seen, `pool.query` above all. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { root } from './source.js';

const file = 'test/house/fixtures/floating-promises.ts';
const oxlint = join(
  dirname(createRequire(import.meta.url).resolve('oxlint/package.json')),
  'bin/oxlint',
);

/** What the file itself says must be seen: `line rule`. */
function expected(): readonly string[] {
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const [, next, rules] = /\/\/ expect(-next)?: (.+)$/.exec(text) ?? [];
      const line = index + (next ? 2 : 1);
      return rules?.split(', ').map((rule) => `${line} ${rule}`) ?? [];
    });
}

function seen(): readonly string[] {
  let out: string;
  try {
    out = execFileSync(process.execPath, [oxlint, '--type-aware', '--format=unix', file], {
      cwd: root,
      encoding: 'utf8',
    });
  } catch (error) {
    out = (error as { stdout: string }).stdout;
  }
  return [...out.matchAll(/:(\d+):\d+: .*\/typescript\((.*)\)\]$/gm)].map(
    ([, line, rule]) => `${line} ${rule}`,
  );
}

test('the linter sees each promise that nobody awaits, and nothing else', () => {
  expect(expected().length).toBeGreaterThan(5);
  expect([...seen()].sort()).toEqual([...expected()].sort());
});
