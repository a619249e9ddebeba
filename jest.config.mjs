const swc = [
  '@swc/jest',
  {
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript' },
      transform: { verbatimModuleSyntax: true },
    },
    module: { type: 'es6' },
    sourceMaps: 'inline',
    swcrc: false,
  },
];

const shared = {
  rootDir: '.',
  testEnvironment: 'node',
  // Workspace packages resolve to their sources: no build before a test.
  testEnvironmentOptions: { customExportConditions: ['@carom/source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': swc },
  // "./x.js" in a .ts source means ./x.ts
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  moduleFileExtensions: ['js', 'ts', 'mjs', 'cjs', 'json', 'node'],
  setupFiles: ['<rootDir>/test/repeatable.mjs', '<rootDir>/test/context-storages.mjs'],
  modulePathIgnorePatterns: ['<rootDir>/packages/[^/]+/dist', '<rootDir>/.cache'],
};

/** @type {import('jest').Config} */
export default {
  // Most of these tests wait for a server: there is work for every core.
  maxWorkers: '100%',
  // Only so that a hang ends; a slow machine is no failure.
  testTimeout: 60_000,
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/packages/*/test/**/*.test.ts'] },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/house/'],
    },
    // The rules of this repository: the imports, the manifests, the lock file, the linter itself.
    { ...shared, displayName: 'house', testMatch: ['<rootDir>/test/house/**/*.test.ts'] },
  ],
};
