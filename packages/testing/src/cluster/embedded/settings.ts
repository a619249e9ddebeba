/** The settings of a test server: fast and forgetful on disk, patient with nobody, heard on loopback only. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../server.js';
import { give, type ServerUser } from './server-user.js';

/** What differs from Postgres' own defaults, and why. */
export const testSettings: Settings = {
  // Nobody but this machine, and no socket file in a shared folder.
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // The data are thrown away. A crash of the server (not of the machine) loses nothing without fsync.
  fsync: 'off',
  full_page_writes: 'off',
  shared_buffers: '16MB',
  // Always ready to be followed, and to become the one that is followed.
  wal_level: 'replica',
  hot_standby: 'on',
  wal_keep_size: '256MB',
  // A standby asks again at once after its primary was away; the default is 5 s.
  wal_retrieve_retry_interval: '50ms',
  // The log comes to us, in English, with a time and a pid.
  logging_collector: 'off',
  log_destination: 'stderr',
  log_line_prefix: '%m [%p] ',
  log_checkpoints: 'off',
  lc_messages: 'C',
  timezone: 'UTC',
};

const quoted = (value: string | number | boolean): string =>
  `'${`${value}`.replaceAll("'", "''")}'`;

/** A postgresql.conf. */
export function render(settings: Settings): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${quoted(value)}\n`)
    .join('');
}

/** Writes the whole postgresql.conf of a data folder, in one step: the server may be reading. */
export async function configure(data: string, settings: Settings, user: ServerUser): Promise<void> {
  const draft = join(data, 'postgresql.conf.new');
  // 0600: the password of the replication connection is in it.
  await writeFile(draft, render(settings), { mode: 0o600 });
  await give(draft, user);
  await rename(draft, join(data, 'postgresql.conf'));
}
