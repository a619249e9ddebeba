/** Reads the imports: the rows, the core's inner order, the one door for time, and the glossary. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  clockRule,
  cycleRule,
  engineRule,
  entriesRule,
  formRule,
  glossary,
  type House,
  longestFile,
  openingRule,
  type Rule,
  rows,
  rowsRule,
} from './rules.js';
import { importsOf, readSources, root, type SourceFile } from './source.js';

const rules: Readonly<Record<string, Rule>> = {
  'an import points to a lower row': rowsRule,
  'another package is known by its exports only': entriesRule,
  'only the engine knows the engine': engineRule,
  'no import cycles': cycleRule,
  'time and chance come in through core/src/clock.ts': clockRule,
  'a file opens with what it is, in standard words': openingRule,
  'names and sizes': formRule,
};

const packages = readdirSync(join(root, 'packages'));

function entriesOf(name: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  return Object.keys(manifest.exports).map((entry) => `@carom/${name}${entry.slice(1)}`);
}

const house: House = {
  files: ['packages', 'test', 'demo', 'bench', 'examples'].flatMap(readSources),
  entries: new Set(packages.flatMap(entriesOf)),
};

describe('this repository', () => {
  test.each(Object.entries(rules))('%s', (_, rule) => {
    expect(rule(house)).toEqual([]);
  });

  test('was read: every package has a row, and sources with imports', () => {
    expect(packages.filter((name) => rows[name] === undefined)).toEqual([]);
    const isEmpty = (name: string): boolean =>
      !house.files.some(
        (file) => file.path.startsWith(`packages/${name}/src/`) && importsOf(file).length > 0,
      );
    expect(packages.filter(isEmpty)).toEqual([]);
  });
});

describe('each rule can fail', () => {
  const doc = '/** A thing. */\n';
  const at = (path: string, text: string): SourceFile => ({
    path: posix.join('packages', path),
    text,
  });

  const seeds: readonly [string, Rule, SourceFile[], RegExp][] = [
    ['up', rowsRule, [at('core/src/a.ts', "import { x } from '@carom/postgres';")], /row 0.*row 1/],
    ['sideways', rowsRule, [at('pg/src/a.ts', "export { x } from '@carom/knex';")], /row 2.*row 2/],
    [
      'up, a type',
      rowsRule,
      [at('pg/src/a.ts', "import type { X } from '@carom/testing';")],
      /row 3/,
    ],
    [
      'up, a type query',
      rowsRule,
      [at('pg/src/a.ts', "type X = import('@carom/testing').X;")],
      /row 3/,
    ],
    ['up, dynamically', rowsRule, [at('pg/src/a.ts', "await import('@carom/testing');")], /row 3/],
    ['up, required', rowsRule, [at('pg/src/a.ts', "require('@carom/testing');")], /row 3/],
    ['itself', rowsRule, [at('pg/src/a.ts', "import '@carom/pg';")], /itself/],
    ['no row', rowsRule, [at('pg/src/a.ts', "import '@carom/mystery';")], /without a row/],
    [
      'deep by name',
      entriesRule,
      [at('pg/src/a.ts', "import '@carom/core/src/clock.js';")],
      /not an entry/,
    ],
    [
      'deep by path',
      entriesRule,
      [at('pg/src/a.ts', "import '../../core/src/clock.js';")],
      /inside/,
    ],
    [
      'deep from a test',
      entriesRule,
      [at('pg/test/a.ts', "import '../../core/src/clock.js';")],
      /inside/,
    ],
    [
      'deep from outside',
      entriesRule,
      [at('../test/a.ts', "import '../packages/pg/src/a.js';")],
      /inside/,
    ],
    [
      'deep from the tests of another',
      entriesRule,
      [at('../test/pg/a.ts', "import '../../packages/postgres/src/a.js';")],
      /inside/,
    ],
    ['out of src', entriesRule, [at('pg/src/a.ts', "import '../test/b.js';")], /outside src/],
    ['test clock', entriesRule, [at('pg/src/a.ts', "import '@carom/core/testing';")], /tests only/],
    [
      'engine',
      engineRule,
      [at('core/src/retry/a.ts', "import '../engine/shot.js';")],
      /only the engine/,
    ],
    [
      'engine from a leaf',
      engineRule,
      [at('core/src/clock.ts', "import './engine/shot.js';")],
      /only the engine/,
    ],
    [
      'cycle',
      cycleRule,
      [
        at('core/src/a.ts', "import './retry/b.js';"),
        at('core/src/retry/b.ts', "import type { C } from './c.js';"),
        at('core/src/retry/c.ts', "import '../a.js';"),
      ],
      /a\.ts -> .*b\.ts -> .*c\.ts -> .*a\.ts/,
    ],
    ...[
      'setTimeout(f, 1)',
      'setInterval(f, 1)',
      'globalThis.setTimeout(f, 1)',
      'const clock = { later: setTimeout }',
      'Date.now()',
      'new Date()',
      'performance.now()',
      'globalThis.performance.now()',
      'Math.random()',
      'AbortSignal.timeout(1)',
      'process.hrtime.bigint()',
      "import { setTimeout as later } from 'node:timers/promises'",
      "import { scheduler } from 'timers/promises'",
      "import { performance } from 'node:perf_hooks'",
    ].map((text): [string, Rule, SourceFile[], RegExp] => [
      text,
      clockRule,
      [at('postgres/src/a.ts', text)],
      /a\.ts:1/,
    ]),
    ...Object.keys(glossary).map((name): [string, Rule, SourceFile[], RegExp] => [
      name,
      openingRule,
      [at(`core/src/${name}`, '/** A coined thing. It is no standard word. */\n')],
      /standard word/,
    ]),
    ['no opening', openingRule, [at('core/src/a.ts', '// A thing.\n')], /does not open/],
    ['not kebab', formRule, [at('core/src/someThing.ts', doc)], /kebab/],
    ['a drawer', formRule, [at('core/src/string-utils.ts', doc)], /says nothing/],
    ['too long', formRule, [at('core/src/a.ts', '\n'.repeat(longestFile + 1))], /251 lines/],
  ];

  test.each(seeds)('%s', (_, rule, files, expected) => {
    const found = rule({ ...house, files });
    expect(found).toEqual([expect.stringMatching(expected)]);
  });

  const innocent: readonly [string, Rule, string, string][] = [
    ['downwards', rowsRule, 'pg/src/a.ts', "import '@carom/core'; import '@carom/postgres';"],
    [
      'in a comment or a string',
      rowsRule,
      'core/src/a.ts',
      "// import '@carom/pg'\nconst a = '@carom/pg';",
    ],
    [
      'the manual clock in the fault kit',
      entriesRule,
      'testing/src/a.ts',
      "import '@carom/core/testing';",
    ],
    ['its own source in a test', entriesRule, 'pg/test/a.ts', "import '../src/pool.js';"],
    [
      'its own source in a test with a server',
      entriesRule,
      '../test/pg/a.ts',
      "import '../../packages/pg/src/pool.js';",
    ],
    ['the engine in the engine', engineRule, 'core/src/engine/a.ts', "import './shot.js';"],
    ["a socket's timeout", clockRule, 'pg/src/a.ts', 'socket.setTimeout(1); clearTimeout(t);'],
    ['a given date', clockRule, 'pg/src/a.ts', 'new Date(row.at); const o = { performance: 1 };'],
    ['in the door itself', clockRule, 'core/src/clock.ts', 'setTimeout(f, 1); Math.random();'],
    ['in the fault kit', clockRule, 'testing/src/a.ts', 'setTimeout(f, 1);'],
    [
      'the standard word',
      openingRule,
      'core/src/pocket.ts',
      '/**\n * A pocket is a\n * fallback: more. */',
    ],
  ];

  test.each(innocent)('but not with %s', (_, rule, path, text) => {
    expect(rule({ ...house, files: [at(path, text)] })).toEqual([]);
  });
});
