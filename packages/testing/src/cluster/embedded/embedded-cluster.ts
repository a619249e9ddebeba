/** An embedded cluster is one or two Postgres of our own, in a temporary folder under guard. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Capabilities, capabilitiesOf } from '../capabilities.js';
import type { Cluster, ClusterOptions } from '../cluster.js';
import { createDatabase } from '../database.js';
import { ClusterError, UnsupportedOperationError } from '../errors.js';
import type { Server, ServerConfig, Settings, StopMode } from '../server.js';
import { baseBackup } from './base-backup.js';
import { type Binaries, findBinaries } from './binaries.js';
import { folderPrefix } from './binaries-copy.js';
import { EmbeddedServer } from './embedded-server.js';
import { type Guard, guard } from './guard.js';
import { initdb, superuser } from './initdb.js';
import { following, leading, raisedBy, replayed, streaming } from './replication.js';
import { give, type ServerUser, serverUser } from './server-user.js';
import { testSettings } from './settings.js';
import { dataRoot } from './temporary-root.js';

/** Everything that is settled before the first server starts. */
interface Ground {
  readonly folder: string;
  readonly guard: Guard;
  readonly user: ServerUser;
  readonly binaries: Binaries;
  readonly options: ClusterOptions;
  readonly credentials: Pick<ServerConfig, 'user' | 'password'>;
}

class EmbeddedCluster implements Cluster {
  readonly capabilities: Capabilities = capabilitiesOf({ kind: 'embedded' });
  readonly #ground: Ground;
  readonly #servers: EmbeddedServer[] = [];
  #primary: EmbeddedServer;
  #standby: EmbeddedServer | undefined;

  constructor(ground: Ground) {
    this.#ground = ground;
    this.#primary = this.#server('a', ground.options.port);
  }

  get primary(): Server {
    return this.#primary;
  }

  get standby(): Server {
    return this.#follower();
  }

  get servers(): readonly Server[] {
    return this.#servers;
  }

  async start(): Promise<void> {
    const { standby = 'none', database } = this.#ground.options;
    await this.#primary.start();
    if (database !== undefined) await createDatabase(this.#primary.config, superuser);
    if (standby !== 'none') await this.#follow(this.#server('b', undefined));
  }

  async caughtUp(): Promise<void> {
    await streaming(this.#primary, this.#follower());
    await replayed(this.#primary, this.#follower());
  }

  async failover(mode: StopMode = 'immediate'): Promise<Server> {
    const standby = this.#follower();
    await this.#primary.stop(mode);
    await standby.promote();
    return standby;
  }

  async rejoin(server?: Server): Promise<void> {
    const former = this.#servers.find((one) => one === (server ?? one) && one !== this.#primary);
    if (former === undefined) {
      throw new ClusterError('rejoin() takes a server of this cluster that is not its primary');
    }
    await former.stop('immediate');
    await rm(former.data, { recursive: true, force: true });
    await this.#follow(former);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop('immediate')));
    await this.#ground.guard.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #follower(): EmbeddedServer {
    if (this.#standby !== undefined) return this.#standby;
    throw new UnsupportedOperationError(
      'standby',
      'this cluster has no standby: start it with { standby: "async" } or "sync", or rejoin() the former primary',
    );
  }

  #server(name: string, port: number | undefined): EmbeddedServer {
    const { folder, binaries, user, options, credentials } = this.#ground;
    const { database = superuser } = options;
    const server = new EmbeddedServer({
      name,
      binaries,
      user,
      data: join(folder, name),
      config: { host: '127.0.0.1', port, ...credentials, database },
      settings: { ...testSettings, ...options.settings },
      changing: (changed, change) => this.#changing(changed, change),
      promoted: (promoted) => this.#promoted(promoted),
    });
    this.#servers.push(server);
    return server;
  }

  /** Fills the folder of `server` from the primary and starts it as the standby. */
  async #follow(server: EmbeddedServer): Promise<void> {
    const primary = this.#primary;
    const sync = this.#ground.options.standby === 'sync';
    await baseBackup(primary.config, primary.data, server.data, this.#ground.user);
    await server.reload(following(primary.config, server.name));
    await server.start();
    await streaming(primary, server);
    this.#standby = server;
    if (!sync) return;
    await primary.reload(leading(server.name));
    await streaming(primary, server, true);
  }

  async #changing(server: EmbeddedServer, change: Settings): Promise<void> {
    const standby = this.#standby;
    if (server !== this.#primary || standby?.running !== true) return;
    const settings = await raisedBy(change, standby);
    if (Object.keys(settings).length > 0) await standby.restart({ settings });
  }

  #promoted(server: EmbeddedServer): void {
    this.#primary = server;
    this.#standby = undefined;
  }
}

async function groundOf(options: ClusterOptions): Promise<Ground> {
  const user = await serverUser();
  const binaries = await findBinaries(user, options.binaries);
  const folder = await mkdtemp(join(await dataRoot(user), folderPrefix));
  const watch = guard(folder);
  try {
    await give(folder, user);
    await chmod(folder, 0o700);
    const password = await initdb(binaries, join(folder, 'a'), user);
    return {
      folder,
      guard: watch,
      user,
      binaries,
      options,
      credentials: { user: superuser, password },
    };
  } catch (error) {
    await watch.release();
    throw error;
  }
}

/** Starts a cluster from the programs that npm carries. */
export async function startEmbedded(options: ClusterOptions): Promise<Cluster> {
  const cluster = new EmbeddedCluster(await groundOf(options));
  try {
    await cluster.start();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
