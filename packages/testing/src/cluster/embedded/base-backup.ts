/** A base backup is a copy of a running primary's data, made with the low-level API: npm carries no pg_basebackup. */
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withAdmin } from '../admin.js';
import type { ServerConfig } from '../server.js';
import { give, type ServerUser } from './server-user.js';

/** Folders whose contents a standby makes itself or gets by streaming, as pg_basebackup has it. */
const emptied = new Set([
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
  'pg_snapshots',
  'pg_stat_tmp',
  'pg_subtrans',
]);

/** Files of the running server, not of its data. */
const leftOut =
  /^(postmaster\.(pid|opts)|pg_internal\.init.*|pgsql_tmp.*|standby\.signal|backup_label.*)$/;

/** Files come and go while a server runs: one that is gone is replayed from the log. */
const gone = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error;
};

async function copyFolder(from: string, to: string, user: ServerUser, top: boolean): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  await give(to, user);
  const entries = (await readdir(from, { withFileTypes: true })).filter(
    ({ name }) => !leftOut.test(name),
  );
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  await Promise.all(
    files.map(async (name) => {
      const copy = join(to, name);
      await copyFile(join(from, name), copy, constants.COPYFILE_FICLONE)
        .then(() => give(copy, user))
        .catch(gone);
    }),
  );
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const copy = join(to, name);
    if (top && emptied.has(name)) {
      await mkdir(copy, { mode: 0o700 });
      await give(copy, user);
    } else await copyFolder(join(from, name), copy, user, false);
  }
}

/** Copies the data of the primary at `config` from its folder `from` to the new folder `to`. */
export function baseBackup(
  config: ServerConfig,
  from: string,
  to: string,
  user: ServerUser,
): Promise<void> {
  // One connection from start to stop: the backup ends with it.
  return withAdmin(config, async (client) => {
    await client.query("select pg_backup_start('carom', true)");
    await copyFolder(from, to, user, true);
    const { rows } = await client.query<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(false)',
    );
    for (const [name, text] of [
      ['backup_label', rows[0]?.labelfile ?? ''],
      ['standby.signal', ''],
    ] as const) {
      await writeFile(join(to, name), text, { mode: 0o600 });
      await give(join(to, name), user);
    }
  });
}
