/** A stage is what the tests of one file share: a real server, and a proxy that breaks the way to it. */
import { readFile } from 'node:fs/promises';
import {
  type Cluster,
  type ClusterOptions,
  type FaultProxy,
  type Server,
  startCluster,
  startFaultProxy,
  type Target,
} from '@carom/testing';
import { afterAll, beforeAll } from '@jest/globals';

export interface Stage {
  readonly cluster: Cluster;
  readonly proxy: FaultProxy;
}

export interface Staging {
  /** What is made on the server first, in turn: SQL, or the files that it is in. */
  readonly schema?: readonly (string | URL)[];
  readonly settings?: ClusterOptions['settings'];
  /** Starts what stands between the proxy and the server. */
  readonly through?: ((server: Server) => Promise<Target>) | undefined;
}

/** Starts both before the tests of a file and ends them after them. */
export function createStage({ schema = [], settings = {}, through }: Staging = {}): Stage {
  let cluster: Cluster;
  let proxy: FaultProxy;
  beforeAll(async () => {
    cluster = await startCluster({ settings });
    const { primary } = cluster;
    for (const part of schema) {
      await primary.query(typeof part === 'string' ? part : await readFile(part, 'utf8'));
    }
    proxy = await startFaultProxy(through === undefined ? primary : await through(primary));
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
