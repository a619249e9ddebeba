/** The data folders of the servers of these tests. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { World } from './world.js';

const run = promisify(execFile);

/** Copies a file or a data folder as it is, owner and all; its server must be down. */
export const copyData = (from: string, to: string): Promise<unknown> => run('cp', ['-a', from, to]);

export const folderOf = async (world: World): Promise<string> => {
  const [row] = await world.ask<{ folder: string }>(
    "SELECT current_setting('data_directory') AS folder",
  );
  return row?.folder ?? '';
};
