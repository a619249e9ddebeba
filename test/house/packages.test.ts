/** Reads the manifests: what a published package brings along, and that its README says why. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { root } from './source.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly private?: boolean;
  readonly sideEffects: boolean;
  readonly engines: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly scripts?: unknown;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly bundleDependencies?: unknown;
}

const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const names = readdirSync(join(root, 'packages'));
const manifestOf = (name: string): Manifest => JSON.parse(read('packages', name, 'package.json'));
const house: Manifest = JSON.parse(read('package.json'));

/** What an installation brings along, with `@scope/*` for the members of one platform family. */
function broughtAlong(manifest: Manifest): readonly string[] {
  const all = { ...manifest.dependencies, ...manifest.peerDependencies };
  const families = Object.keys(manifest.optionalDependencies ?? {}).map((name) =>
    name.replace(/\/(linux|darwin|windows|win32)-\w+$/, '/*'),
  );
  return [...new Set([...Object.keys(all), ...families])];
}

/** The dependencies that no line of the README names together with a reason. */
function unexplained(manifest: Manifest, readme: string): readonly string[] {
  const lines = readme.split('\n').filter((line) => /^\s*([-*|]|\d+\.)/.test(line));
  return broughtAlong(manifest).filter(
    (name) =>
      !lines.some((line) => {
        const reason = line.split(`\`${name}\``)[1];
        return reason !== undefined && (reason.match(/[a-z]{2,}/gi) ?? []).length >= 4;
      }),
  );
}

describe.each(names)('packages/%s', (name) => {
  const manifest = manifestOf(name);

  test('has a README that gives a reason for everything an installation brings along', () => {
    expect(existsSync(join(root, 'packages', name, 'README.md'))).toBe(true);
    expect(unexplained(manifest, read('packages', name, 'README.md'))).toEqual([]);
  });

  test('carries the licence', () => {
    expect(manifest.license).toBe('MIT');
    expect(read('packages', name, 'LICENSE')).toBe(read('LICENSE'));
  });

  test('is a plain package: no scripts, nothing bundled, free of side effects', () => {
    expect(manifest).toMatchObject({
      name: `@carom/${name}`,
      version: manifestOf('core').version,
      sideEffects: false,
      // One brings SQL for migrations.
      files: name === 'postgres' ? ['dist', 'sql'] : ['dist'],
      engines: house.engines,
      description: expect.stringMatching(/^.{20,140}\.$/),
    });
    expect(manifest).not.toHaveProperty('scripts');
    expect(manifest).not.toHaveProperty('bundleDependencies');
    expect(manifest).not.toHaveProperty('private');
  });

  test('needs exactly this version of the other packages', () => {
    const own = Object.entries(manifest.dependencies ?? {}).filter(([n]) =>
      n.startsWith('@carom/'),
    );
    expect(own.filter(([, range]) => range !== manifest.version)).toEqual([]);
  });

  test('offers each entry as a module and as CommonJS, with types of its own kind', () => {
    for (const [entry, conditions] of Object.entries(manifest.exports)) {
      if (entry === './package.json') continue;
      const file = entry === '.' ? 'index' : entry.slice(2);
      // The order counts: the first condition that holds wins.
      expect(JSON.stringify(conditions)).toBe(
        JSON.stringify({
          '@carom/source': `./src/${file}.ts`,
          import: { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` },
          require: { types: `./dist/${file}.d.cts`, default: `./dist/${file}.cjs` },
        }),
      );
    }
  });
});

test('the core has no dependency of any kind', () => {
  expect(broughtAlong(manifestOf('core'))).toEqual([]);
});

describe('a dependency without a reason is seen', () => {
  const manifest = { dependencies: { pg: '1' }, optionalDependencies: { '@x/linux-x64': '1' } };
  test.each([
    ['no mention', '# A package\n', ['pg', '@x/*']],
    [
      'in passing',
      'It uses `pg` for all that it has to do.\n- `@x/*`: the binaries of the server',
      ['pg'],
    ],
    ['without a reason', '- `pg`: yes\n| `@x/*` | the binaries of the server |', ['pg']],
    [
      'with a reason',
      '- `pg`: the driver that you already use\n| `@x/*` | the binaries of the server |',
      [],
    ],
  ])('%s', (_, readme, expected) => {
    expect(unexplained(manifest as unknown as Manifest, readme)).toEqual(expected);
  });
});
