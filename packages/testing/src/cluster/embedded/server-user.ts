/** The server user is who Postgres runs as: never root, which it refuses; `postgres` or `nobody` when we are root. */
import { execFile } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { promisify } from 'node:util';
import { ClusterError } from '../errors.js';

/** The ids of the account; undefined means: as ourselves. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

const run = promisify(execFile);

async function idsOf(account: string): Promise<ServerUser> {
  try {
    // `id` also asks directories other than /etc/passwd. macOS has accounts below zero; spawn wants them signed.
    const [uid, gid] = await Promise.all([run('id', ['-u', account]), run('id', ['-g', account])]);
    return { uid: Number(uid.stdout) | 0, gid: Number(gid.stdout) | 0 };
  } catch {
    return undefined;
  }
}

/**
 * Whose process the server will be.
 *
 * @throws ClusterError when we are root and there is neither a `postgres` nor a `nobody`
 */
export async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  const user = (await idsOf('postgres')) ?? (await idsOf('nobody'));
  if (user !== undefined && user.uid !== 0) return user;
  throw new ClusterError(
    'Postgres refuses to run as root, and there is no account "postgres" or "nobody" to run it as',
  );
}

/** Hands a file or folder over to the server user. */
export async function give(path: string, user: ServerUser): Promise<void> {
  // chown wants the same ids unsigned.
  if (user !== undefined) await chown(path, user.uid >>> 0, user.gid >>> 0);
}
