/** The binaries that npm carries, where they cannot be run as they were installed. */
import { chmod, cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { findBinaries, usable } from '../src/cluster/embedded/binaries.js';
import { installedBinaries } from '../src/cluster/embedded/platform.js';
import { serverUser } from '../src/cluster/embedded/server-user.js';

jest.setTimeout(60_000);

describe('binaries', () => {
  let folder: string;
  let native: string;

  /** What npm leaves when it may not run install scripts: no symlinks. */
  beforeAll(async () => {
    const installed = await installedBinaries();
    folder = await mkdtemp(join(tmpdir(), 'carom-pg-test-'));
    native = join(folder, 'native');
    await cp(installed, native, { recursive: true, verbatimSymlinks: true });
    // A version of its own: the copy is shared by all programs on this machine that use the same.
    const version = `0.0.0-${basename(folder)}`;
    await writeFile(join(folder, 'package.json'), JSON.stringify({ version }));
    const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'));
    for (const { target } of links) await rm(join(folder, target), { force: true });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('without their symlinks are completed and run', async () => {
    await chmod(folder, 0o755);
    const { postgres, major } = await usable(native, await serverUser());
    expect(dirname(dirname(postgres))).toBe(native);
    expect(major).toBeGreaterThanOrEqual(15);
    expect(await readdir(join(native, 'lib'))).toContain('libpq.so.5');
  });

  test('of another version are used as npm left them, too', async () => {
    await chmod(folder, 0o755);
    await rm(join(native, 'lib', 'libpq.so.5'), { force: true });
    const { postgres } = await findBinaries(await serverUser(), native);
    expect(dirname(dirname(postgres))).toBe(native);
  });

  test('of which there are none are missed in one sentence', async () => {
    const found = findBinaries(await serverUser(), join(folder, 'nowhere'));
    await expect(found).rejects.toThrow('the Postgres of option `binaries` does not run');
  });

  const root = process.getuid?.() === 0;
  (root ? test : test.skip)(
    `that the server's user cannot reach run from a copy, made once${root ? '' : ' (needs root)'}`,
    async () => {
      await chmod(folder, 0o700);
      const [first, second] = await Promise.all([
        usable(native, await serverUser()),
        usable(native, await serverUser()),
      ]);
      const copy = dirname(dirname(dirname(first.postgres)));
      expect(second).toEqual(first);
      expect(basename(copy)).toMatch(/^carom-pg-bin-/);
      // Something that tidies temporary folders has taken a library.
      await rm(join(copy, 'native', 'lib', 'libz.so.1'));
      const third = await usable(native, await serverUser());
      expect(third).toEqual(first);
      await rm(copy, { recursive: true, force: true });
    },
  );
});
