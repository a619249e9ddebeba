/** The postmaster's end, in a process that nothing else keeps alive. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

const run = promisify(execFile);
const source = new URL('../src/cluster/embedded/postmaster.ts', import.meta.url).href;

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carom-postmaster-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** A server that is gone at once, and whose last child writes the log for a moment longer: what Postgres' own may do. */
const server = `#!/bin/sh
trap '(sleep 0.3; echo late >&2) & exit 0' INT
echo 'database system is ready to accept connections' >&2
while :; do sleep 0.05; done
`;

const program = `
import { Postmaster } from ${JSON.stringify(source)};
const [postgres, data] = process.argv.slice(1);
const postmaster = new Postmaster({ postgres, data, port: 0, user: undefined });
await postmaster.ready();
await postmaster.stop('fast');
console.log(postmaster.running, postmaster.log.trim().split('\\n').at(-1));
`;

test('the stop is waited for to its end, which is when the log ends', async () => {
  const postgres = join(folder, 'postgres');
  await writeFile(postgres, server, { mode: 0o755 });
  const ways = ['--conditions=@carom/source', '--import', 'tsx', '--input-type=module'];
  const args = [...ways, '--eval', program, postgres, folder];
  const { stdout } = await run(process.execPath, args);
  expect(stdout).toBe('false late\n');
});
