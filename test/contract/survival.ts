/** The contract for the process: whatever a connection does, the process lives. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import type { Adapter } from './subject.js';

const program = fileURLToPath(new URL('programs/last-breath.ts', import.meta.url));
const run = promisify(execFile);

export function survivalContract(adapter: Adapter): void {
  test('a FATAL in the packet that makes a connection ready ends no process', async () => {
    const options = ['--conditions=@carom/source', '--import', 'tsx', program, adapter.name];
    const { stdout } = await run(process.execPath, options, {
      env: { ...process.env, NODE_OPTIONS: '' },
      timeout: 30_000,
    });
    expect(stdout).toBe('rejected,rejected');
  }, 40_000);
}
