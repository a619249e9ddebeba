// Jest's own runner, of the test files that a mutant needs. Stryker names the tests that reach it, and jest would load every
// file to find them by their names, and play on after the first has failed: sixty files for each mutant, where two matter.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

const { default: Runner } = createRequire(import.meta.resolve('jest'))('jest-runner');

/** One for each mutant, and one for the first run: that plays everything, and writes down what each file holds. */
export default class OfInterest extends Runner {
  async runTests(tests, watcher, options) {
    if (process.env['__STRYKER_ACTIVE_MUTANT__'] === undefined) {
      this.on('test-file-success', ([test, result]) => learn(test, result));
      return super.runTests(tests, watcher, options);
    }
    let killed = false;
    this.on('test-file-success', ([, { numFailingTests }]) => {
      killed ||= numFailingTests > 0;
    });
    this.on('test-file-failure', () => {
      killed = true;
    });
    for (const { test } of ofInterest(tests, this._globalConfig.testNamePattern)) {
      if (!killed) await super.runTests([test], watcher, options);
    }
  }
}

/** The quickest first: the test that kills a mutant is as good in a small file as in a large one. */
function ofInterest(tests, pattern) {
  // A mutant that acts when its file is loaded comes without a pattern: it needs all tests.
  const wanted = new RegExp(pattern ?? '', 'i');
  return tests
    .map((test) => ({ test, ...known(test) }))
    .filter(({ names }) => names === undefined || names.some((name) => wanted.test(name)))
    .sort((a, b) => a.took - b.took);
}

const place = ({ path: file, context }) =>
  path.join(context.config.rootDir, '.cache', 'tests', `${path.basename(file)}.json`);

function known(test) {
  const at = place(test);
  return existsSync(at) ? JSON.parse(readFileSync(at, 'utf8')) : { took: 0 };
}

function learn(test, { testResults, perfStats }) {
  const names = testResults.map(({ fullName }) => fullName);
  mkdirSync(path.dirname(place(test)), { recursive: true });
  writeFileSync(place(test), JSON.stringify({ names, took: perfStats.runtime }));
}
