/** startCluster brings up a Postgres to be broken: the kit's own, a container, or one that is there. */
import { aName, anyOf, type Checks, checkOptions } from '@carom/core';
import type { Cluster, ClusterOptions } from './cluster.js';
import { startDocker } from './docker/docker-cluster.js';
import { startEmbedded } from './embedded/embedded-cluster.js';
import { sourceOf } from './source.js';
import { startUrl } from './url/url-cluster.js';

const checks: Checks = {
  standby: anyOf('none', 'async', 'sync'),
  settings: (value) =>
    typeof value === 'object' && value !== null ? undefined : 'an object of Postgres settings',
  port: (value) =>
    Number.isInteger(value) && Number(value) >= 1_024 && Number(value) <= 65_535
      ? undefined
      : 'a port from 1024 to 65535',
  database: aName,
  binaries: aName,
};

/**
 * Starts a cluster of the kind that `CAROM_TEST_PG` names (`embedded` by default).
 *
 * @throws InvalidOptionError for a wrong option
 * @throws ClusterError when no Postgres can be brought up
 * @throws UnsupportedOperationError for a standby where there can be none
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  checkOptions(options, checks);
  const source = sourceOf();
  switch (source.kind) {
    case 'embedded':
      return startEmbedded(options);
    case 'docker':
      return startDocker(options);
    case 'url':
      return startUrl(source.url, options);
  }
}
