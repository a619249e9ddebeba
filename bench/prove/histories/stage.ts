/** The stage: a primary with its synchronous standby, and a fault proxy in front of it for each client. */
import { type Cluster, type FaultProxy, startCluster, startFaultProxy } from '@carom/testing';
import { type ClientName, clientNames } from './clients/clients.js';
import type { Ask } from './workload/workload.js';

const settings = {
  deadlock_timeout: '100ms',
  // An acknowledged COMMIT is on the standby too, so that a promotion loses none.
  synchronous_commit: 'on',
  // A session behind a black hole would keep its locks for ever.
  idle_in_transaction_session_timeout: '1s',
  max_connections: 300,
  max_pred_locks_per_transaction: 256,
  // A sequential scan of a small table is read as a read of all of it: serializable transactions would fail for nothing.
  enable_seqscan: 'off',
} as const;

export interface Stage extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly proxies: Readonly<Record<ClientName, FaultProxy>>;
  /** All of them. */
  readonly everyProxy: readonly FaultProxy[];
  /** Asks whichever server leads, past the proxies. */
  readonly ask: Ask;
}

/** Opens it; nothing is left when it is disposed of. */
export async function openStage(): Promise<Stage> {
  const cluster = await startCluster({ standby: 'sync', settings });
  const everyProxy: FaultProxy[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(everyProxy.map((proxy) => proxy.close()));
    await cluster.stop();
  };
  try {
    for (const _ of clientNames) everyProxy.push(await startFaultProxy(cluster.primary));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    cluster,
    everyProxy,
    proxies: Object.fromEntries(
      clientNames.map((name, index) => [name, everyProxy[index]]),
    ) as Record<ClientName, FaultProxy>,
    ask: async (sql, values) => (await cluster.primary.query(sql, values)).rows as never,
    [Symbol.asyncDispose]: close,
  };
}
