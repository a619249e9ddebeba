// Runs jest with what ES modules need: `node scripts/test.mjs [unit | integration | house] [jest's arguments]`.
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const [first, ...rest] = process.argv.slice(2);
const isProject = ['unit', 'integration', 'house'].includes(first);
const child = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    // Last, because jest takes every word after it for one more project.
    ...(isProject ? [...rest, '--selectProjects', first] : process.argv.slice(2)),
  ],
  { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'inherit' },
);
// An interrupt reaches both; jest's own clean-up comes first.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => {
  process.exitCode = signal ? 1 : (code ?? 1);
});
