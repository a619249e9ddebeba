// The unit tests of packages/core, on the mutated copy of the repository that Stryker makes.
import base from '../../jest.config.mjs';

const { displayName, ...unit } = base.projects[0];

/** @type {import('jest').Config} */
export default {
  ...unit,
  rootDir: '../..',
  testMatch: ['<rootDir>/packages/core/test/**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    // These play in processes of their own, which know no mutant.
    'unhandled.test.ts',
    'timed-process.test.ts',
    'promise-count.test.ts',
    // This one reads a text, and these play so much that each mutant would take a minute.
    'readme.test.ts',
    'property.test.ts',
  ],
  runner: '<rootDir>/scripts/mutation/runner.mjs',
  setupFilesAfterEnv: ['<rootDir>/scripts/mutation/patience.mjs'],
  moduleNameMapper: {
    ...unit.moduleNameMapper,
    // The copy, and not the package that the links in node_modules lead to.
    '^@carom/core$': '<rootDir>/packages/core/src/index.ts',
    '^@carom/core/testing$': '<rootDir>/packages/core/src/testing.ts',
  },
};
