/** A stage is a server to be broken, with the tables and the account that the clients use. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { commitTokensSql } from '@carom/postgres';
import {
  type Cluster,
  type FaultProxy,
  type ServerConfig,
  startCluster,
  startFaultProxy,
} from '@carom/testing';

const schema = new URL('../../prisma/schema.sql', import.meta.url);

/** Clients are nobody special, or places that are kept for superusers would be theirs. */
const account = 'app';
const strangers = 'others';

const grants = [
  'ALL ON ALL TABLES IN SCHEMA public, carom',
  'ALL ON ALL SEQUENCES IN SCHEMA public',
  'USAGE ON SCHEMA carom',
];

const settings = { max_connections: 100, deadlock_timeout: '50ms', autovacuum: 'off' };

/** Whom the faults that kill connections look for. */
export const applicationName = 'outages';

export class Stage {
  readonly cluster: Cluster;
  readonly #password: string;

  private constructor(cluster: Cluster, password: string) {
    this.cluster = cluster;
    this.#password = password;
  }

  static async open(standby: 'none' | 'sync'): Promise<Stage> {
    const cluster = await startCluster({ standby, settings });
    const password = randomBytes(12).toString('hex');
    try {
      const { primary } = cluster;
      await primary.query(await readFile(schema, 'utf8'));
      await primary.query(commitTokensSql);
      await primary.query('INSERT INTO counters (id) SELECT generate_series(1, 10)');
      await primary.query(`CREATE ROLE ${account} LOGIN PASSWORD '${password}'`);
      await primary.query(`CREATE ROLE ${strangers} LOGIN PASSWORD '${password}'`);
      for (const grant of grants) await primary.query(`GRANT ${grant} TO ${account}`);
      return new Stage(cluster, password);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** A new way to the server, which counts from nothing. */
  proxy(): Promise<FaultProxy> {
    return startFaultProxy(this.cluster.primary);
  }

  /** How a client gets there. */
  config(through: Pick<ServerConfig, 'host' | 'port'>) {
    const { database } = this.cluster.primary.config;
    const { host, port } = through;
    const credentials = { user: account, password: this.#password };
    return { host, port, ...credentials, database, application_name: applicationName };
  }

  /** How others than our clients get to the server itself. */
  others() {
    const { primary } = this.cluster;
    return { ...this.config(primary), user: strangers, application_name: strangers };
  }

  /** How many connections our clients may have; -1 for as many as there are. */
  limit(connections: number): string {
    return `ALTER ROLE ${account} CONNECTION LIMIT ${connections}`;
  }

  /** All marks, with how often. */
  async marks(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.cluster.primary.query<{ mark: string; n: number }>(
      'SELECT mark, count(*)::int AS n FROM marks GROUP BY mark',
    );
    return new Map(rows.map(({ mark, n }) => [mark, n]));
  }

  /** As before the first run: everything runs, and no marks are there. */
  async clear(standby: 'none' | 'sync'): Promise<void> {
    await this.cluster.primary.start();
    if (standby === 'sync' && this.cluster.servers.some((server) => !server.running)) {
      await this.cluster.rejoin();
    }
    await this.cluster.primary.query('TRUNCATE marks CASCADE');
    await this.cluster.primary.query('UPDATE counters SET value = 0');
  }

  close(): Promise<void> {
    return this.cluster.stop();
  }
}
