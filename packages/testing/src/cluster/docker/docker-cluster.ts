/** A Docker cluster is one Postgres in a container, run by testcontainers, an optional peer of this package. */
import { randomBytes } from 'node:crypto';
import { freePort } from '../../free-port.js';
import type { Cluster, ClusterOptions } from '../cluster.js';
import { ClusterError } from '../errors.js';
import { assertSingle, singleServer } from '../single-server.js';
import type { Container, PostgresContainer, Testcontainers } from './container.js';
import { DockerServer } from './docker-server.js';

/** Official image, of the version that the embedded binaries have too. */
const image = 'postgres:18-alpine';

const source = { kind: 'docker' } as const;

async function testcontainers(): Promise<Testcontainers> {
  // Not a literal: it is an optional peer, which a build or a type check must not ask for.
  const name: string = '@testcontainers/postgresql';
  try {
    return (await import(name)) as Testcontainers;
  } catch (cause) {
    throw new ClusterError(
      'CAROM_TEST_PG=docker needs the package @testcontainers/postgresql, which cannot be loaded: install it (version 11 on Node 20)',
      { cause },
    );
  }
}

async function run(container: PostgresContainer): Promise<Container> {
  try {
    return await container.start();
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ClusterError(`CAROM_TEST_PG=docker could not start a container: ${reason}`, {
      cause,
    });
  }
}

/** Starts the container. */
export async function startDocker(options: ClusterOptions): Promise<Cluster> {
  assertSingle(source, options);
  const { PostgreSqlContainer } = await testcontainers();
  // A port of our choice stays the same when the container is started again; a random one would not.
  const port = options.port ?? (await freePort());
  const config = {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    password: randomBytes(24).toString('hex'),
    database: options.database ?? 'postgres',
  };
  const container = await run(
    new PostgreSqlContainer(image)
      .withDatabase(config.database)
      .withUsername(config.user)
      .withPassword(config.password)
      .withExposedPorts({ container: 5432, host: port })
      // Fast and forgetful on disk, as an embedded server is.
      .withCommand(['postgres', '-c', 'fsync=off', '-c', 'full_page_writes=off']),
  );
  const server = new DockerServer(container, config);
  // Not by the command line: what stands there could not be changed by a later restart().
  if (options.settings !== undefined) await server.restart({ settings: options.settings });
  return singleServer(server, source, async () => {
    await container.stop();
  });
}
