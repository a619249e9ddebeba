/** The stage: a primary with its synchronous standby, and the address at which the shop finds whichever leads. */
import { readFile } from 'node:fs/promises';
import {
  type Cluster,
  type FaultProxy,
  type ServerConfig,
  startCluster,
  startFaultProxy,
} from '@carom/testing';
import pg from 'pg';
import { products, startStock } from './shop/goods.js';
import type { StrategyName } from './strategies.js';

/** What is the same for all three runs. */
const settings = {
  // How long a lock is waited for before the server looks for a deadlock. Its default, 1 s, is most of a short run.
  deadlock_timeout: '200ms',
  // An acknowledged COMMIT is on the standby too, so that a promotion loses none.
  synchronous_commit: 'on',
};

/** Runs `work` with a connection past the proxy, closed afterwards. */
async function connected<T>(
  config: ServerConfig,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...config, application_name: 'carom-demo' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export class Stage {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;

  private constructor(cluster: Cluster, proxy: FaultProxy) {
    this.cluster = cluster;
    this.proxy = proxy;
  }

  static async open(): Promise<Stage> {
    const cluster = await startCluster({ standby: 'sync', settings });
    try {
      return new Stage(cluster, await startFaultProxy(cluster.primary));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The stable address of a strategy's shop: through the proxy. */
  address(strategy: StrategyName): ServerConfig {
    const { host, port } = this.proxy;
    return { ...this.cluster.primary.config, host, port, database: `shop_${strategy}` };
  }

  /** A connection to a strategy's database on the server that leads now. */
  inspect<T>(strategy: StrategyName, work: (client: pg.Client) => Promise<T>): Promise<T> {
    return connected({ ...this.cluster.primary.config, database: `shop_${strategy}` }, work);
  }

  /** A new shop, and a healthy cluster under it: the state in which each strategy begins. */
  async prepare(strategy: StrategyName): Promise<void> {
    await this.cluster.primary.query(`create database shop_${strategy}`);
    const tables = await readFile(new URL('shop/tables.sql', import.meta.url), 'utf8');
    await this.inspect(strategy, async (client) => {
      await client.query(tables);
      await client.query(
        'insert into shop_stock (id, on_hand) select id, $2 from generate_series(1, $1::int) as id',
        [products, startStock],
      );
      await client.query('analyze');
    });
    await this.cluster.caughtUp();
  }

  /** Leaves nothing behind: no server, no data. */
  async close(): Promise<void> {
    await this.proxy.close();
    await this.cluster.stop();
  }
}
