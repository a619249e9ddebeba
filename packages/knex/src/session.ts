/** A session is one connection of Knex's pool: taken for an attempt, put back or thrown away after it. */
import type { Attempt, Verdict } from '@carom/core';
import {
  type AttemptLog,
  acquire,
  generationsOf,
  type Held,
  makeCancellable,
  type Vigil,
  watchClient,
} from '@carom/postgres';
import { isBusy } from './bound.js';
import { disposed } from './drain.js';
import type { Connection, KnexClient } from './internals.js';

/** Where connections come from. */
export interface Source {
  readonly client: KnexClient;
  /** How long to wait for one, in ms; undefined leaves it to Knex. */
  readonly connectPatience: number | undefined;
  readonly vigil: Vigil | undefined;
}

/** One connection for one attempt. */
export class Session implements Held {
  readonly connection: Connection;
  readonly #client: KnexClient;
  readonly #log: AttemptLog;
  #closed = false;
  #pending = 0;

  private constructor(connection: Connection, client: KnexClient, log: AttemptLog) {
    this.connection = connection;
    this.#client = client;
    this.#log = log;
  }

  get client(): Held['client'] {
    return this.connection as Held['client'];
  }

  /** Whether a statement is on its way. */
  get busy(): boolean {
    return this.#pending > 0;
  }

  /** Whether the connection is the pool's again. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Counts a statement until it is answered. */
  track<T>(answer: Promise<T>): Promise<T> {
    this.#pending += 1;
    return answer.finally(() => {
      this.#pending -= 1;
    });
  }

  /** Takes a connection, for an attempt that can be cancelled. */
  static async open(
    { client, connectPatience: limit, vigil }: Source,
    attempt: Attempt,
    log: AttemptLog,
  ): Promise<Session> {
    log.phase = 'acquire';
    let session: Session | undefined;
    makeCancellable(attempt, log, () => (session?.closed === true ? undefined : session));
    const asked = client.acquireConnection();
    const connection = await (limit === undefined
      ? asked
      : acquire(asked, {
          limit,
          isBusy: () => isBusy(client),
          giveBack: (late) => void client.releaseConnection(late).catch(() => {}),
        }));
    watchClient(connection);
    vigil?.begin();
    generationsOf(client).born(connection);
    session = new Session(connection, client, log);
    log.connection = connection;
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
    const spoilt = this.bad || this.#log.cancelled || this.#log.guard?.lost === true;
    this.#closed = true;
    // A cancel request may still be under way, and would hit whatever runs next.
    const bad = spoilt || advice !== 'keep';
    if (bad) discard(this.connection);
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
