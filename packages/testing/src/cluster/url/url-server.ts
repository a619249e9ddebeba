/** A URL server can be asked, and its backends in our own database killed; all that would break it is refused. */
import type { QueryResult, QueryResultRow } from 'pg';
import { adminQuery, terminateBackends } from '../admin.js';
import { skipReason } from '../capabilities.js';
import { UnsupportedOperationError } from '../errors.js';
import { type BackendFilter, type Server, type ServerConfig, urlOf } from '../server.js';

const refused = (needs: 'stop' | 'standby'): Promise<never> =>
  Promise.reject(
    new UnsupportedOperationError(
      needs,
      `this server is not the kit's to break (${skipReason(needs, { kind: 'url', url: '' })})`,
    ),
  );

export class UrlServer implements Server {
  readonly name = 'url';
  readonly log = '';
  readonly running = true;
  readonly config: ServerConfig;

  constructor(config: ServerConfig) {
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

  /** It runs already. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return refused('stop');
  }

  restart(): Promise<void> {
    return refused('stop');
  }

  promote(): Promise<void> {
    return refused('standby');
  }

  query<Row extends QueryResultRow = QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<QueryResult<Row>> {
    return adminQuery<Row>(this.config, sql, values);
  }

  killBackends(filter: BackendFilter = {}): Promise<number> {
    return terminateBackends(this.config, filter, 'database');
  }

  async killBackend(pid: number): Promise<boolean> {
    return (await this.killBackends({ pid })) === 1;
  }
}
