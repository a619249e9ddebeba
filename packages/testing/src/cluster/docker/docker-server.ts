/** A Docker server is a Postgres in a container, stopped by signals to its first process. */
import type { QueryResult, QueryResultRow } from 'pg';
import { poll } from '../../poll.js';
import { adminQuery, terminateBackends } from '../admin.js';
import { UnsupportedOperationError } from '../errors.js';
import {
  type BackendFilter,
  type RestartOptions,
  type Server,
  type ServerConfig,
  type StopMode,
  urlOf,
} from '../server.js';
import type { Container } from './container.js';

const signals: Readonly<Record<StopMode, string>> = {
  smart: 'TERM',
  fast: 'INT',
  immediate: 'QUIT',
};

export class DockerServer implements Server {
  readonly name = 'docker';
  readonly log = '';
  readonly config: ServerConfig;
  readonly #container: Container;
  #running = true;

  constructor(container: Container, config: ServerConfig) {
    this.#container = container;
    this.config = config;
  }

  get host(): string {
    return this.config.host;
  }

  get port(): number {
    return this.config.port;
  }

  get url(): string {
    return urlOf(this.config);
  }

  get running(): boolean {
    return this.#running;
  }

  async start(): Promise<void> {
    if (this.#running) return;
    await this.#container.restart();
    this.#running = true;
  }

  async stop(mode: StopMode = 'fast'): Promise<void> {
    if (!this.#running) return;
    // The command dies with the container, so its own answer means nothing: that nobody answers any more does.
    await this.#container
      .exec(['sh', '-c', `kill -${signals[mode]} 1`], { user: 'postgres' })
      .catch(() => undefined);
    await poll('the container to stop', () => this.#silent());
    this.#running = false;
  }

  async restart({ mode = 'fast', settings = {} }: RestartOptions = {}): Promise<void> {
    for (const [name, value] of Object.entries(settings)) {
      const quoted = `'${`${value}`.replaceAll("'", "''")}'`;
      await this.query(`alter system set "${name.replaceAll('"', '""')}" = ${quoted}`);
    }
    await this.stop(mode);
    await this.start();
  }

  promote(): Promise<void> {
    return Promise.reject(
      new UnsupportedOperationError('standby', 'a server of CAROM_TEST_PG=docker is no standby'),
    );
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

  /** Whether it neither answers nor says that it is on its way down (SQLSTATE 57P03). */
  #silent(): Promise<boolean> {
    return this.query('select').then(
      () => false,
      (error: { readonly code?: string }) => error.code !== '57P03',
    );
  }
}
