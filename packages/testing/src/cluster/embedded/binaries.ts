/** The binaries are a Postgres that the server user can run: as npm installed it, or a copy in the temporary root. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ClusterError } from '../errors.js';
import { copyOf } from './binaries-copy.js';
import { installedBinaries, programs } from './platform.js';
import type { ServerUser } from './server-user.js';
import { hydrateSymlinks } from './symlinks.js';

/** A Postgres that runs here. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** The major version, for example 18. */
  readonly major: number;
}

const run = promisify(execFile);

/**
 * Asks both programs for their version, as the user who will run them. That proves at once that the folders can be reached,
 * the files executed and the libraries found.
 */
async function tried(folder: string, user: ServerUser): Promise<Binaries> {
  const { initdb, postgres } = programs(folder);
  const options = { ...user, cwd: '/', env: { LC_ALL: 'C' } };
  await run(initdb, ['--version'], options);
  const { stdout } = await run(postgres, ['--version'], options);
  return { initdb, postgres, major: Number(/\) (\d+)/.exec(stdout)?.[1] ?? Number.NaN) };
}

/** The programs in `installed`, or in a copy where these cannot be run as they are. */
export async function usable(installed: string, user: ServerUser): Promise<Binaries> {
  await hydrateSymlinks(installed);
  try {
    return await tried(installed, user);
  } catch {
    // Unreachable for the server user (a private home above node_modules), or links missing and not to be made.
    return copyOf(installed, user, (copy) => tried(copy, user));
  }
}

/**
 * Finds the programs: in `folder`, or what npm carries.
 *
 * @throws ClusterError in one sentence when they are missing or do not run
 */
export async function findBinaries(
  user: ServerUser,
  folder: string | undefined,
): Promise<Binaries> {
  try {
    return await usable(folder ?? (await installedBinaries()), user);
  } catch (cause) {
    if (cause instanceof ClusterError) throw cause;
    const where = folder === undefined ? 'that npm carries' : 'of option `binaries`';
    throw new ClusterError(
      `the Postgres ${where} does not run on this system (it needs glibc; Alpine has none): use another by CAROM_TEST_PG`,
      { cause },
    );
  }
}
