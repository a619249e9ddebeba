/** An embedded server is a data folder, a port, and the postmaster that runs on them, if one does. */
import type { QueryResult, QueryResultRow } from 'pg';
import { freePort } from '../../free-port.js';
import { adminQuery, terminateBackends } from '../admin.js';
import { ClusterError } from '../errors.js';
import {
  type BackendFilter,
  type RestartOptions,
  type Server,
  type ServerConfig,
  type Settings,
  type StopMode,
  urlOf,
} from '../server.js';
import type { Binaries } from './binaries.js';
import { PortTakenError, Postmaster } from './postmaster.js';
import { leading } from './replication.js';
import type { ServerUser } from './server-user.js';
import { configure } from './settings.js';

/** What a server is made of. */
export interface EmbeddedServerParts {
  readonly name: string;
  readonly binaries: Binaries;
  readonly user: ServerUser;
  readonly data: string;
  /** Without a port: a free one, chosen anew while none has worked. */
  readonly config: Omit<ServerConfig, 'port'> & { readonly port: number | undefined };
  readonly settings: Settings;
  /** Awaited before this server goes down to come back with other settings. */
  readonly changing: (server: EmbeddedServer, settings: Settings) => Promise<void>;
  /** Told when this server has become a primary. */
  readonly promoted: (server: EmbeddedServer) => void;
}

const startAttempts = 5;

export class EmbeddedServer implements Server {
  readonly name: string;
  readonly #parts: EmbeddedServerParts;
  #port: number | undefined;
  #settings: Settings;
  #postmaster: Postmaster | undefined;
  #earlierLog = '';
  #starting: Promise<void> | undefined;

  constructor(parts: EmbeddedServerParts) {
    this.name = parts.name;
    this.#parts = parts;
    this.#port = parts.config.port;
    this.#settings = parts.settings;
  }

  get host(): string {
    return this.#parts.config.host;
  }

  get port(): number {
    return this.#port ?? 0;
  }

  get config(): ServerConfig {
    return { ...this.#parts.config, port: this.port };
  }

  get url(): string {
    return urlOf(this.config);
  }

  /** The data folder. */
  get data(): string {
    return this.#parts.data;
  }

  get running(): boolean {
    return this.#postmaster?.running === true;
  }

  get log(): string {
    return this.#earlierLog + (this.#postmaster?.log ?? '');
  }

  start(): Promise<void> {
    // Who calls while it starts waits for the same start.
    this.#starting ??= this.#startUp().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async stop(mode: StopMode = 'fast'): Promise<void> {
    await this.#postmaster?.stop(mode);
  }

  async restart({ mode = 'fast', settings = {} }: RestartOptions = {}): Promise<void> {
    await this.#parts.changing(this, settings);
    await this.stop(mode);
    this.#settings = { ...this.#settings, ...settings };
    await this.start();
  }

  /** Changes settings without a restart; the server takes them a moment later. */
  async reload(settings: Settings): Promise<void> {
    this.#settings = { ...this.#settings, ...settings };
    await configure(this.data, this.#settings, this.#parts.user);
    if (this.running) this.#postmaster?.reload();
  }

  async promote(): Promise<void> {
    const { rows } = await this.query<{ done: boolean }>('select pg_promote(true, 60) as done');
    if (rows[0]?.done !== true) throw new ClusterError(`${this.name} was not promoted within 60 s`);
    await this.reload(leading(undefined));
    this.#parts.promoted(this);
  }

  query<Row extends QueryResultRow = QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<QueryResult<Row>> {
    return adminQuery<Row>(this.config, sql, values);
  }

  killBackends(filter: BackendFilter = {}): Promise<number> {
    return terminateBackends(this.config, filter, 'server');
  }

  async killBackend(pid: number): Promise<boolean> {
    return (await this.killBackends({ pid })) === 1;
  }

  async #startUp(): Promise<void> {
    if (this.running) return;
    for (let attempt = 1; ; attempt += 1) {
      const port = this.#port ?? (await freePort());
      try {
        await this.#launch(port);
        this.#port = port;
        return;
      } catch (error) {
        const again = this.#port === undefined && error instanceof PortTakenError;
        if (!again || attempt === startAttempts) throw error;
      }
    }
  }

  async #launch(port: number): Promise<void> {
    const { binaries, data, user } = this.#parts;
    this.#earlierLog = this.log;
    await configure(data, this.#settings, user);
    this.#postmaster = new Postmaster({ postgres: binaries.postgres, data, port, user });
    await this.#postmaster.ready();
  }
}
