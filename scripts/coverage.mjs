// Coverage of packages/core by its unit tests: `npm run coverage`. Less than 95 % of lines or branches
// is an error. Files that hold nothing but types cannot be covered and do not count.
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const types = ['gate', 'options', 'verdict', 'breaker/prober', 'engine/shot', 'telemetry/events'];
const flags = [
  '--selectProjects=unit',
  '--testPathPatterns=packages/core',
  '--coverage',
  '--coverageProvider=v8',
  '--coverageDirectory=.cache/coverage',
  '--coverageReporters=text',
  '--collectCoverageFrom=packages/core/src/**/*.ts',
  ...types.map((file) => `--collectCoverageFrom=!packages/core/src/${file}.ts`),
  '--coverageThreshold={"global":{"lines":95,"branches":95}}',
];
const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const { status } = spawnSync(
  process.execPath,
  [...node, 'node_modules/jest/bin/jest.js', ...flags, ...process.argv.slice(2)],
  { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'inherit' },
);
process.exitCode = status ?? 1;
