/** A server is one Postgres: where it is, what it is asked, and how it is broken. */
import type { QueryResult, QueryResultRow } from 'pg';

/** Postgres' own settings (GUCs) by name; numbers in the setting's own unit. */
export type Settings = Readonly<Record<string, string | number | boolean>>;

/**
 * How a server goes down: `smart` waits for its clients to leave, `fast` ends their transactions, `immediate` is a
 * crash (SIGQUIT), with recovery at the next start.
 */
export type StopMode = 'smart' | 'fast' | 'immediate';

/** A change of a running server. */
export interface RestartOptions {
  /** Default `fast`. */
  readonly mode?: StopMode;
  /** Laid over the settings it has; they stay for later starts. */
  readonly settings?: Settings;
}

/** Which client backends are meant; all conditions must hold, none means every client's. */
export interface BackendFilter {
  readonly pid?: number;
  readonly applicationName?: string;
  /** As in `pg_stat_activity`: `active`, `idle`, `idle in transaction` … */
  readonly state?: string;
}

/** Connection settings, as `pg`, Knex and Prisma's adapter take them. */
export interface ServerConfig {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  readonly database: string;
}

/** One Postgres of a cluster. Its address stays the same through stops and starts. */
export interface Server {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly url: string;
  readonly config: ServerConfig;
  /** Whether its process runs; a crash of its own shows here too. */
  readonly running: boolean;
  /** The end of what it logged; empty where the kit has no access to the log. */
  readonly log: string;
  /** Starts it and waits until it takes connections. Nothing happens when it runs. */
  start(): Promise<void>;
  /** Stops it and waits until it is gone. Default `fast`. Nothing happens when it is down. */
  stop(mode?: StopMode): Promise<void>;
  restart(options?: RestartOptions): Promise<void>;
  /** Makes a standby the primary of its cluster, and waits until it takes writes. */
  promote(): Promise<void>;
  /** One statement on a connection of its own, which is closed afterwards. */
  query<Row extends QueryResultRow = QueryResultRow>(
    sql: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
  /** Ends client backends (`pg_terminate_backend`), waits until they are gone; returns how many. */
  killBackends(filter?: BackendFilter): Promise<number>;
  /** Ends one backend; false when there is none with this pid. */
  killBackend(pid: number): Promise<boolean>;
}

/** The URL of a configuration. */
export function urlOf({ host, port, user, password, database }: ServerConfig): string {
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`;
  const authority = host.includes(':') ? `[${host}]` : host;
  return `postgres://${encodeURIComponent(user)}${secret}@${authority}:${port}/${encodeURIComponent(database)}`;
}
