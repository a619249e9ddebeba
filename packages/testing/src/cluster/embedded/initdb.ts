/** initdb makes an empty cluster, whose only account has a random password: others may use this machine too. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { ClusterError } from '../errors.js';
import type { Binaries } from './binaries.js';
import { plainEnvironment } from './postmaster.js';
import { give, type ServerUser } from './server-user.js';

const run = promisify(execFile);

/** The superuser's name. */
export const superuser = 'postgres';

function options(data: string, passwordFile: string, { major }: Binaries): readonly string[] {
  return [
    ...['-D', data, '-U', superuser, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--no-sync', '--no-instructions', '--encoding=UTF8', '--locale=C'],
    // Hashing thousands of times is to slow down guessing; 24 random bytes need none of that, and tests connect a lot.
    ...(major >= 16 ? ['--set', 'scram_iterations=1'] : []),
  ];
}

/**
 * Fills a new data folder; returns the superuser's password.
 *
 * @throws ClusterError with what initdb said
 */
export async function initdb(binaries: Binaries, data: string, user: ServerUser): Promise<string> {
  const password = randomBytes(24).toString('hex');
  const passwordFile = `${data}.password`;
  await mkdir(data, { mode: 0o700 });
  await give(data, user);
  await writeFile(passwordFile, password, { mode: 0o600 });
  await give(passwordFile, user);
  try {
    await run(binaries.initdb, options(data, passwordFile, binaries), {
      ...user,
      cwd: dirname(data),
      env: plainEnvironment(),
    });
  } catch (cause) {
    const said = (cause as { readonly stderr?: string }).stderr ?? '';
    throw new ClusterError(`initdb failed: ${said.trim().slice(-2_000)}`, { cause });
  } finally {
    await rm(passwordFile, { force: true });
  }
  return password;
}
