/** A URL cluster is a database of our own on a server that is somebody's: used, never broken. */
import { randomBytes } from 'node:crypto';
import type { Cluster, ClusterOptions } from '../cluster.js';
import { createDatabase, dropDatabase } from '../database.js';
import { ClusterError } from '../errors.js';
import type { ServerConfig } from '../server.js';
import { assertSingle, singleServer } from '../single-server.js';
import { UrlServer } from './url-server.js';

function configOf(url: string): ServerConfig {
  const { hostname, port, username, password, pathname } = new URL(url);
  const user = decodeURIComponent(username) || 'postgres';
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || 5432),
    user,
    ...(password === '' ? {} : { password: decodeURIComponent(password) }),
    database: decodeURIComponent(pathname.slice(1)) || user,
  };
}

/** Creates the database; `stop()` drops it if it was not there before. */
export async function startUrl(url: string, options: ClusterOptions): Promise<Cluster> {
  const source = { kind: 'url', url } as const;
  assertSingle(source, options);
  const given = configOf(url);
  const name = options.database ?? `carom_test_${randomBytes(6).toString('hex')}`;
  const config = { ...given, database: name };
  const created = await createDatabase(config, given.database).catch((cause: unknown) => {
    throw new ClusterError(
      'the server of CAROM_TEST_PG does not let us create a database: is it up, and has the role CREATEDB?',
      { cause },
    );
  });
  return singleServer(new UrlServer(config), source, async () => {
    if (created) await dropDatabase(config, given.database);
  });
}
