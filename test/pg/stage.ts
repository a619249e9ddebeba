/** The stage of the tests of `pg` alone: a real server, and a proxy that breaks the way to it. */
import { type Cluster, type FaultProxy, startCluster, startFaultProxy } from '@carom/testing';
import { afterAll, beforeAll } from '@jest/globals';

/** What the tests of one file share. */
export interface Stage {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;
}

/**
 * Starts both before the tests of a file and ends them after them.
 * @param schema what is made on the server first.
 */
export function createStage(schema?: string): Stage {
  let cluster: Cluster;
  let proxy: FaultProxy;
  beforeAll(async () => {
    cluster = await startCluster();
    if (schema !== undefined) await cluster.primary.query(schema);
    proxy = await startFaultProxy(cluster.primary);
  }, 60_000);
  afterAll(async () => {
    await proxy?.close();
    await cluster?.stop();
  }, 60_000);
  return {
    get cluster() {
      return cluster;
    },
    get proxy() {
      return proxy;
    },
  };
}
