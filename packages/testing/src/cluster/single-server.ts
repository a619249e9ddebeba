/** A single-server cluster has a primary and never a standby. */
import { capabilitiesOf } from './capabilities.js';
import type { Cluster, ClusterOptions } from './cluster.js';
import { UnsupportedOperationError } from './errors.js';
import type { Server } from './server.js';
import type { Source } from './source.js';

/**
 * Makes a cluster of one server; `stop` is what ends it.
 *
 * @throws UnsupportedOperationError when the options ask for a standby
 */
export function singleServer(server: Server, source: Source, stop: () => Promise<void>): Cluster {
  const noStandby = (): UnsupportedOperationError =>
    new UnsupportedOperationError(
      'standby',
      `a cluster of CAROM_TEST_PG=${source.kind} has no standby`,
    );
  return {
    primary: server,
    get standby(): Server {
      throw noStandby();
    },
    servers: [server],
    capabilities: capabilitiesOf(source),
    caughtUp: () => Promise.reject(noStandby()),
    failover: () => Promise.reject(noStandby()),
    rejoin: () => Promise.reject(noStandby()),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Refuses options that such a cluster cannot honour, before anything is started. */
export function assertSingle(source: Source, { standby = 'none' }: ClusterOptions): void {
  if (standby === 'none') return;
  throw new UnsupportedOperationError(
    'standby',
    `option \`standby\` is "${standby}", but a cluster of CAROM_TEST_PG=${source.kind} has no standby`,
  );
}
