/** Runs a fixture in a process of its own. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** What became of it; a process that had to be ended has no status. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `fixtures/<name>.ts`, for half a minute at most. */
export function run(name: string, ...args: readonly string[]): Ended {
  const file = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));
  const flags = ['--unhandled-rejections=strict', '--import', tsx, '--conditions=@carom/source'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, file, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}
