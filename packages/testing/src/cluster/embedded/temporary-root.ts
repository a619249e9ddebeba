/** The temporary roots are folders for temporary files that the server user can reach too: programs here, data there. */
import { stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import type { ServerUser } from './server-user.js';

interface Traversable {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Whether a user may pass through a folder, by its mode bits. */
export function mayPass(folder: Traversable, user: NonNullable<ServerUser>): boolean {
  if (folder.uid === user.uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === user.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}

async function reachable(path: string, user: NonNullable<ServerUser>): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined || !mayPass(found, user)) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** `os.tmpdir()`, unless the server runs as another user who cannot get there: root's own is often private. */
export async function temporaryRoot(user: ServerUser): Promise<string> {
  if (user === undefined) return tmpdir();
  for (const candidate of [tmpdir(), '/tmp', '/var/tmp']) {
    if (await reachable(candidate, user)) return candidate;
  }
  return tmpdir();
}

/** Linux's own memory file system. */
const memory = '/dev/shm';

/** What a memory file system must have free to be used, in bytes: containers often have one of 64 MB. */
const roomy = 4 * 1024 ** 3;

/**
 * Where data go: to memory where there is plenty, since making and copying a cluster is writing a thousand files; otherwise,
 * and always when TMPDIR is set, to the temporary root.
 */
export async function dataRoot(user: ServerUser): Promise<string> {
  if (process.env['TMPDIR'] === undefined) {
    const found = await statfs(memory).catch(() => undefined);
    const free = found === undefined ? 0 : found.bavail * found.bsize;
    if (free >= roomy) return memory;
  }
  return temporaryRoot(user);
}
