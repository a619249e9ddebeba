import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig, type Rolldown, type UserConfig } from 'tsdown';

/** The sources of a package's entries, as its `exports` and its `bin` name them. */
function entriesOf(folder: string): string[] {
  const { bin = {}, exports } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const modules = Object.values<{ '@carom/source'?: string }>(exports).flatMap(
    (entry) => entry['@carom/source'] ?? [],
  );
  const programs = Object.values<string>(bin).map((file) =>
    file.replace(/^\.\/dist\/(.*)\.js$/, './src/$1.ts'),
  );
  return [...modules, ...programs];
}

/** Node reads a file at twice the speed where all of it is ASCII; what is not, and is no comment, is in a string. */
const ascii: Rolldown.Plugin = {
  name: 'ascii',
  generateBundle(_, bundle): void {
    for (const file of Object.values(bundle)) {
      if (file.type === 'chunk' && /\.c?js$/.test(file.fileName)) file.code = escaped(file.code);
    }
  },
};

/** TypeScript's default library has no `Disposable`, and a project need not have Node's types, which bring it along. */
const disposable: Rolldown.Plugin = {
  name: 'disposable',
  generateBundle(_, bundle): void {
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk' || !/\.d\.c?ts$/.test(file.fileName)) continue;
      if (!/\b(Async)?Disposable\b/.test(file.code)) continue;
      file.code = `/// <reference lib="esnext.disposable" />\n${file.code}`;
    }
  },
};

function escaped(code: string): string {
  return code.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export default defineConfig(
  readdirSync('packages').map(
    (name): UserConfig => ({
      cwd: `packages/${name}`,
      entry: entriesOf(`packages/${name}`),
      format: ['esm', 'cjs'],
      deps: { onlyBundle: [] }, // whatever a package needs, it says so in its package.json
      platform: 'node',
      target: 'node20.19',
      fixedExtension: false, // .js and .d.ts for ESM, .cjs and .d.cts for CommonJS
      dts: { sourcemap: false }, // the sources that a map would point to are not published
      sourcemap: true,
      // Nobody reads the docstrings there, and every process would: the types have them, and the source map has the sources.
      outputOptions: {
        comments: { annotation: true, jsdoc: false, legal: false },
        strict: true, // CommonJS too: what a module may not do, it may not do there
        plugins: [disposable], // here, since the types for CommonJS are built without the others
      },
      plugins: [ascii],
      logLevel: 'warn',
      checks: { legacyCjs: false }, // CommonJS is offered on purpose
      failOnWarn: true,
    }),
  ),
);
