/** A PgBouncer in transaction mode before a test's server, where the program is installed. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerConfig } from '@carom/testing';
import pg from 'pg';

const program = ['/usr/sbin/pgbouncer', '/usr/local/sbin/pgbouncer', '/opt/homebrew/bin/pgbouncer'];

/** The program, or undefined where it is not installed: `apt-get install pgbouncer`. */
export const pgbouncer: string | undefined = program.find((path) => {
  try {
    execFileSync(path, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

/** A running one. */
export interface Pooler {
  readonly host: string;
  readonly port: number;
  /** Sends a command to its console: PAUSE, RESUME, SHOW …. */
  admin(command: string): Promise<void>;
  /** Ends it as a crash does, and its clients' connections with it. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one that leads to `server`, with three connections of its own to each database. */
export async function startPooler(server: ServerConfig): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), 'carom-pgbouncer-'));
  const port = await freePort();
  const { user, password = '' } = server;
  const files = {
    'users.txt': `"${user}" "${password}"\n`,
    'pgbouncer.ini': `[databases]
* = host=${server.host} port=${server.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${join(folder, 'users.txt')}
admin_users = ${user}
pool_mode = transaction
default_pool_size = 3
max_client_conn = 200
server_login_retry = 0.01
ignore_startup_parameters = extra_float_digits
`,
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    await chmod(join(folder, name), 0o644);
  }
  await chmod(folder, 0o755);
  let running: ChildProcess | undefined;
  const admin = async (command: string): Promise<void> => {
    const client = new pg.Client({ host: '127.0.0.1', port, user, database: 'pgbouncer' });
    client.on('error', () => {});
    await client.connect();
    await client.query(command);
    await client.end();
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = running;
    running = undefined;
    if (ending === undefined) return;
    const ended = new Promise((resolve) => {
      ending.once('close', resolve);
    });
    ending.kill(signal);
    await ended;
  };
  const start = async (): Promise<void> => {
    // It refuses to run as root.
    const drop = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
    const started = spawn(pgbouncer ?? '', [join(folder, 'pgbouncer.ini')], {
      ...drop,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    running = started;
    let log = '';
    await new Promise<void>((resolve, reject) => {
      started.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        if (/process up/.test(log)) resolve();
      });
      started.once('close', () => reject(new Error(`PgBouncer did not start: ${log}`)));
    });
  };
  await start();
  return {
    host: '127.0.0.1',
    port,
    admin,
    kill: () => end('SIGKILL'),
    start,
    async stop() {
      await end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const idOf = (which: '-u' | '-g'): number =>
  Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' }));

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
