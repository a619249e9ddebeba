/** Everything a README shows is run: its snippets as programs on a real server, its commands by the CI script. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Cluster, startCluster } from '@carom/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.cache/readme');

interface Snippet {
  readonly name: string;
  readonly code: string;
}

const readmes = [
  'README.md',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
];

function blocks(file: string, language: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return [...text.matchAll(fence)].map(([, code]) => code ?? '');
}

const snippets: readonly Snippet[] = readmes.flatMap((file) =>
  blocks(file, 'ts').map((code, index) => ({
    name: `${file.replace(/[^a-z]+/gi, '-').toLowerCase()}-${index + 1}`,
    // Where a user's generated Prisma client would be.
    code: code.replaceAll('./generated/prisma/', '../../prisma/generated/'),
  })),
);

describe('snippets', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    for (const { name, code } of snippets) writeFileSync(join(folder, `${name}.ts`), code);
    cluster = await startCluster();
    await cluster.primary.query(readFileSync(join(root, 'prisma/schema.sql'), 'utf8'));
  }, 60_000);

  afterAll(() => cluster?.stop(), 60_000);

  test.each(snippets)(
    '$name runs as it stands',
    async ({ name }) => {
      const options = ['--conditions=@carom/source', '--import', 'tsx', join(folder, `${name}.ts`)];
      const settings = {
        DATABASE_URL: cluster.primary.url,
        CAROM_TEST_PG: 'embedded',
        NODE_OPTIONS: '',
      };
      const env = { ...process.env, ...settings };
      await run(process.execPath, options, { cwd: root, env, timeout: 60_000 });
    },
    90_000,
  );

  test('and compiles under the strict settings of a user', async () => {
    const settings = {
      compilerOptions: {
        strict: true,
        noEmit: true,
        target: 'es2023',
        module: 'nodenext',
        customConditions: ['@carom/source'],
        types: ['node', 'jest'],
        lib: ['es2023', 'esnext.disposable'],
        skipLibCheck: true,
      },
      include: ['*.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    const tsc = join(root, 'node_modules/typescript7/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((error) => error);
    expect(stdout).toBe('');
  }, 60_000);
});

describe('commands', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const ci = readFileSync(join(root, '.ci/run'), 'utf8');
  const commands = ['README.md', 'CONTRIBUTING.md'].flatMap((file) =>
    blocks(file, 'sh').flatMap((block) =>
      block
        .split('\n')
        .map((line) => line.replace(/#.*/, '').trim())
        .filter((line) => line.startsWith('npm ')),
    ),
  );

  test.each([...new Set(commands)])('%s exists', (command) => {
    const [, word, name] = command.split(/\s+/);
    if (word === 'run') expect(scripts).toHaveProperty([name ?? '']);
    else expect(['test', 'install', 'ci']).toContain(word);
  });

  test('CI runs the commands of the first screen', () => {
    for (const command of blocks('README.md', 'sh')[0]?.match(/npm (run \w+|test)/g) ?? []) {
      expect(ci).toContain(command);
    }
  });
});
