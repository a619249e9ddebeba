/** The postmaster is the server's process: started, told by signal how to stop, its log kept in memory. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { ClusterError } from '../errors.js';
import type { StopMode } from '../server.js';
import type { ServerUser } from './server-user.js';

/** How `pg_ctl stop` says it. */
const signals: Readonly<Record<StopMode, NodeJS.Signals>> = {
  smart: 'SIGTERM',
  fast: 'SIGINT',
  immediate: 'SIGQUIT',
};

const ready = /database system is ready to accept (read-only )?connections/;
const portTaken = /could not bind IPv4 address .*: Address already in use/;
const logLimit = 262_144;

/** How to start one. */
export interface Launch {
  readonly postgres: string;
  readonly data: string;
  readonly port: number;
  readonly user: ServerUser;
}

/** The port was taken between choosing it and listening on it. */
export class PortTakenError extends ClusterError {}

/** The environment without what would steer Postgres' programs (PGDATA, PGPORT …), and with messages in English. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/** One run of a server, from its start to its end. */
export class Postmaster {
  readonly #process: ChildProcessByStdio<null, null, Readable>;
  readonly #ended: Promise<void>;
  #running = true;
  #log = '';

  constructor({ postgres, data, port, user }: Launch) {
    this.#process = spawn(postgres, ['-D', data, '-p', `${port}`], {
      ...user,
      cwd: data,
      env: plainEnvironment(),
      // Its own session: a Ctrl-C in the terminal reaches the program under test, which decides.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-logLimit);
    });
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        this.#running = false;
        resolve();
      };
      this.#process.once('close', end).once('error', end);
    });
  }

  get running(): boolean {
    return this.#running;
  }

  get log(): string {
    return this.#log;
  }

  /** Resolves when it takes connections. @throws ClusterError when it ends before, with what it said */
  async ready(): Promise<void> {
    await Promise.race([this.#said(ready), this.#ended]);
    if (!this.#running) {
      const Failure = portTaken.test(this.#log) ? PortTakenError : ClusterError;
      throw new Failure(`Postgres did not start; its log ends: ${this.#log.trim().slice(-2_000)}`);
    }
    // From here on it does not keep our process alive; the guard ends it after us.
    this.#hold('unref');
  }

  async stop(mode: StopMode): Promise<void> {
    if (!this.#running) return;
    this.#hold('ref');
    this.#process.kill(signals[mode]);
    await this.#ended;
  }

  /** Makes it read its configuration again. */
  reload(): void {
    this.#process.kill('SIGHUP');
  }

  /** The log too: its end is what is waited for, and may come when the process is gone. */
  #hold(how: 'ref' | 'unref'): void {
    this.#process[how]();
    (this.#process.stderr as unknown as Record<typeof how, () => void>)[how]();
  }

  #said(line: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!line.test(this.#log)) return;
        this.#process.stderr.off('data', look);
        resolve();
      };
      this.#process.stderr.on('data', look);
      look();
    });
  }
}
