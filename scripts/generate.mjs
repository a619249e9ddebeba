// Generates the Prisma client that the tests and the demo use.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const prisma = dirname(createRequire(import.meta.url).resolve('prisma/package.json'));
const { status, stdout, stderr } = spawnSync(
  process.execPath,
  [join(prisma, 'build/index.js'), 'generate'],
  {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      // `generate` asks for the schema engine, a download, and does not use it. Any program will do.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    },
  },
);
if (status !== 0) {
  process.stderr.write(`${stdout}${stderr}`);
  process.exitCode = 1;
}
