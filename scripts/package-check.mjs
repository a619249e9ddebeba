// Checks the packed packages as a user's tools will see them: publint, and attw for the types of ESM
// and CommonJS. Also that a tarball holds what it should and nothing else.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const run = promisify(execFile);
const needed = ['package.json', 'LICENSE', 'README.md', 'dist/index.js', 'dist/index.cjs'];
const allowed =
  /^(package\.json|LICENSE|README\.md|dist\/[\w.-]+\.(js|cjs|d\.ts|d\.cts|(js|cjs)\.map)|sql\/[\w-]+\.sql)$/;

/** What is wrong with the files in a tarball. */
async function contents(tarball) {
  const { stdout } = await run('tar', ['-tzf', tarball]);
  const files = stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''));
  return [
    ...files.filter((file) => !allowed.test(file)).map((file) => `unexpected ${file}`),
    ...needed.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
  ];
}

/** What each process that loads a package would read in vain, or not as it was meant. */
function misread(folder) {
  return readdirSync(folder)
    .filter((file) => /\.c?js$/.test(file))
    .flatMap((file) => {
      const code = readFileSync(`${folder}/${file}`, 'utf8');
      return [
        ...(/^\s*\/\*\*/m.test(code) ? [`${folder}/${file} has docstrings`] : []),
        ...(/[^\0-\x7f]/.test(code) ? [`${folder}/${file} is not all ASCII`] : []),
        ...(file.endsWith('.cjs') && !/^(?:#!.*\n)?"use strict"/.test(code)
          ? [`${folder}/${file} is not strict`]
          : []),
      ];
    });
}

const tools = [
  ['node_modules/publint/src/cli.js', 'run', '--strict'],
  // node16 means Node 16 and later; the older resolution knows no `exports`.
  ['node_modules/@arethetypeswrong/cli/dist/index.js', '--profile', 'node16', '--quiet'],
];

/** What a tool says when it is not content. */
async function complaint(tool, ...files) {
  try {
    await run(process.execPath, [...tool, ...files]);
    return [];
  } catch ({ stdout, stderr, message }) {
    return [`${stdout}${stderr}`.trim() || message];
  }
}

/** What the compiler says of the core's types in a project with its defaults: the core needs no types but those. */
async function untyped() {
  const tsc = ['node_modules/typescript/bin/tsc', '--ignoreConfig', '--noEmit', '--strict'];
  // Each by itself: what one refers to, the others of a program have too.
  const types = readdirSync('packages/core/dist').filter((file) => /\.d\.c?ts$/.test(file));
  const found = await Promise.all(
    types.map((file) => complaint([...tsc, '--module', 'nodenext'], `packages/core/dist/${file}`)),
  );
  return found.flat();
}

const tarballs = readdirSync('.cache/tarballs').map((name) => `.cache/tarballs/${name}`);
const packages = readdirSync('packages');
let wrong = tarballs.length === packages.length ? 0 : 1;
const misreadable = packages.flatMap((name) => misread(`packages/${name}/dist`));
for (const message of [...misreadable, ...(await untyped())]) {
  console.error(message);
  wrong++;
}
for (const tarball of tarballs) {
  const found = await Promise.all([
    contents(tarball),
    ...tools.map((tool) => complaint(tool, tarball)),
  ]);
  for (const message of found.flat()) {
    console.error(`${tarball}: ${message}`);
    wrong++;
  }
}
if (wrong > 0) process.exit(1);
console.log(`${tarballs.length} packages are well packed`);
