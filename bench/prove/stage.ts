/** The stage: a primary with its standby, and all lanes to it. */
import { commitTokensSql } from '@carom/postgres';
import { type Cluster, type Server, startCluster } from '@carom/testing';
import type { Adapter } from './adapters.js';
import type { Found } from './book.js';
import { tables, written } from './clients/client.js';
import { type Kill, Lane } from './lane.js';
import { units } from './plan.js';
import type { Strategy } from './strategies.js';

/**
 * What was assigned and not written down is forgotten in a crash, and assigned again: the log is written at COMMIT, and
 * else as seldom as may be.
 */
const lazy = { wal_writer_delay: '10s', bgwriter_delay: '10s', autovacuum: 'off' };
const settings = { ...lazy, max_connections: 300 };

/** How the standby follows, and who plays. */
export interface Cast {
  readonly standby: 'sync' | 'async';
  readonly strategies: readonly Strategy[];
  readonly adapters: readonly Adapter[];
}

/** All ids that a server has, with how often. */
export async function rowsOf(server: Server): Promise<Found> {
  const { rows } = await server.query<{ id: string }>(written);
  const found = new Map<string, number>();
  for (const { id } of rows) found.set(id, (found.get(id) ?? 0) + 1);
  return found;
}

export class Stage {
  readonly cluster: Cluster;
  readonly lanes: readonly Lane[];
  /** What a primary had that was lost, and its successor has not. */
  readonly vanished: Set<string> = new Set();

  private constructor(cluster: Cluster, lanes: readonly Lane[]) {
    this.cluster = cluster;
    this.lanes = lanes;
  }

  static async open({ standby, strategies, adapters }: Cast): Promise<Stage> {
    const cluster = await startCluster({ standby, settings });
    try {
      await cluster.primary.query(tables);
      await cluster.primary.query(commitTokensSql);
      const kill: Kill = (applicationName) => cluster.primary.killBackends({ applicationName });
      const lanes = strategies.flatMap((strategy) =>
        adapters.flatMap((adapter) =>
          units.map((unit) => Lane.open({ strategy, adapter, unit }, cluster.primary, kill)),
        ),
      );
      const stage = new Stage(cluster, await Promise.all(lanes));
      await Promise.all(stage.lanes.map((lane) => lane.warmUp()));
      return stage;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Holds the books against the database. */
  async audit(): Promise<void> {
    const found = await rowsOf(this.cluster.primary);
    for (const { book } of this.lanes) book.audit(found, this.vanished);
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()));
    await this.cluster.stop();
  }
}
