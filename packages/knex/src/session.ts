/** A session is one connection of Knex's pool: taken for an attempt, put back or thrown away after it. */
import type { Verdict } from '@carom/core';
import { type AttemptLog, watchClient } from '@carom/postgres';
import type { Connection, KnexClient } from './internals.js';

/** What an attempt needs to know of the one who waits for it. */
export interface Waiting {
  readonly signal: AbortSignal;
  readonly abandonable: boolean;
}

/** Knex prints this as a warning when it meets the connection again: no SQL, no address. */
const disposed = 'Carom threw this connection away';

/** One connection for one attempt. */
export class Session {
  readonly connection: Connection;
  readonly #client: KnexClient;
  #closed = false;

  private constructor(connection: Connection, client: KnexClient) {
    this.connection = connection;
    this.#client = client;
  }

  /** Takes a connection. It is cut, and its slot free, when nobody waits for the attempt any more. */
  static async open(client: KnexClient, attempt: Waiting, log: AttemptLog): Promise<Session> {
    log.phase = 'acquire';
    let session: Session | undefined;
    if (attempt.abandonable) {
      const onAbort = (): void => {
        log.abandon();
        session?.close('discard');
      };
      attempt.signal.addEventListener('abort', onAbort, { once: true });
    }
    const connection = await client.acquireConnection();
    watchClient(connection);
    session = new Session(connection, client);
    if (!log.abandoned) return session;
    session.close('keep');
    throw attempt.signal.reason;
  }

  /** Whether the connection is known to be of no use any more. */
  get bad(): boolean {
    return this.#closed || Boolean(this.connection.__knex__disposed);
  }

  /** Puts the connection back. A bad one is marked before: tarn would lend it again before `pg` knows. */
  close(advice: Verdict['connection']): void {
    if (this.#closed) return;
    this.#closed = true;
    if (advice !== 'keep') discard(this.connection);
    // The promise only says what has happened already; a pool that was destroyed meanwhile throws.
    Promise.resolve(this.#client.pool && this.#client.releaseConnection(this.connection)).catch(
      () => {},
    );
  }
}

/** Marks a connection and hangs up: a transaction on it must not keep its locks until the pool gets there. */
function discard(connection: Connection): void {
  connection.__knex__disposed ??= disposed;
  const socket = connection.connection?.stream;
  if (socket === undefined) connection.end?.(() => {});
  else socket.destroy();
}

/** Throws away all connections there are: after a failover they lead to the wrong server. */
export function drain({ pool, config }: KnexClient): void {
  for (const { resource } of [...(pool?.free ?? []), ...(pool?.used ?? [])]) {
    resource.__knex__disposed ??= disposed;
  }
  const foreign = config.connectionPool;
  for (let idle = foreign?.idleCount ?? 0; idle > 0; idle--) {
    foreign?.connect?.().then(
      (client) => client.release(true),
      () => {}, // It is gone already, which is what was wanted.
    );
  }
}
