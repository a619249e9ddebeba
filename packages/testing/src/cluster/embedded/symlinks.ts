/** The libraries' symlinks are not in the npm package, which cannot hold any: a list of them is, and we make them. */
import { readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Reads the list; paths in it are relative to the package, and start with `native/`. */
async function listed(binaries: string): Promise<readonly Link[]> {
  const text = await readFile(join(binaries, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(text) as readonly Link[];
}

/**
 * Makes the missing links, as the package's own install script would have if npm had been allowed to run it.
 * What cannot be made (a read-only node_modules) is left: whether the programs run is found out by running them.
 */
export async function hydrateSymlinks(binaries: string): Promise<void> {
  const links = await listed(binaries);
  await Promise.all(
    links.map(({ source, target }) =>
      symlink(relative(dirname(target), source), join(dirname(binaries), target)).catch(
        () => undefined,
      ),
    ),
  );
}
