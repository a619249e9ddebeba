/** The copy of the binaries is made once per version and user, and shared by later runs, safely. */
import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ServerUser } from './server-user.js';
import { hydrateSymlinks } from './symlinks.js';
import { temporaryRoot } from './temporary-root.js';

/** Prefix of every folder that the kit makes in the temporary root. */
export const folderPrefix = 'carom-pg-';

const self = (): number => process.getuid?.() ?? -1;

/** A folder that is ours and that nobody else can write to: in a shared temporary root others make folders too. */
async function trusted(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() === true && found.uid === self() && (found.mode & 0o022) === 0;
}

async function versionOf(installed: string): Promise<string> {
  const text = await readFile(join(dirname(installed), 'package.json'), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** Opens a tree to all users, for reading: what was installed under a strict umask is not. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}

/** Copies beside the shared place, to be moved there in one step once it is whole. */
async function freshCopy(installed: string, root: string): Promise<string> {
  const folder = await mkdtemp(join(root, `${folderPrefix}copy-`));
  // Verbatim: otherwise the copy's links lead back into the original, which may be out of reach.
  await cp(installed, join(folder, 'native'), { recursive: true, verbatimSymlinks: true });
  await hydrateSymlinks(join(folder, 'native'));
  await openToAll(folder);
  return folder;
}

/** Moves a whole copy to the shared place; false when another run was faster. */
async function publish(folder: string, shared: string): Promise<boolean> {
  return rename(folder, shared).then(
    () => true,
    () => false,
  );
}

/** Gives what `tryIt` says of the shared copy, making it first when it is missing, damaged or not ours. */
export async function copyOf<T>(
  installed: string,
  user: ServerUser,
  tryIt: (binaries: string) => Promise<T>,
): Promise<T> {
  const root = await temporaryRoot(user);
  const shared = join(root, `${folderPrefix}bin-${await versionOf(installed)}-${self()}`);
  if (await trusted(shared)) {
    const found = await tryIt(join(shared, 'native')).catch(() => undefined);
    if (found !== undefined) return found;
    // Damaged: something that cleans temporary folders has been here.
    await rm(shared, { recursive: true, force: true });
  }
  const folder = await freshCopy(installed, root);
  const published = await publish(folder, shared);
  // Another run was faster; or somebody else sits in that place, and ours stays private.
  const place = published || (await trusted(shared)) ? shared : folder;
  try {
    return await tryIt(join(place, 'native'));
  } catch (error) {
    await rm(place, { recursive: true, force: true });
    throw error;
  } finally {
    if (place !== folder) await rm(folder, { recursive: true, force: true });
  }
}
