/** A session is one connection of Knex's pool: taken for an attempt, put back or thrown away after it. */
import type { Attempt, Verdict } from '@carom/core';
import {
  type AttemptLog,
  acquire,
  generationsOf,
  type Held,
  makeCancellable,
  type Vigil,
  type WaitingRoom,
  watchClient,
} from '@carom/postgres';
import { isBusy } from './bound.js';
import { disposed } from './drain.js';
import type { Connection, KnexClient } from './internals.js';
import { tellOfPool } from './places.js';

/** Where connections come from. */
export interface Source {
  readonly client: KnexClient;
  /** How long to wait for one, in ms; undefined leaves it to Knex. */
  readonly connectPatience: number | undefined;
  readonly vigil: Vigil | undefined;
  /** Where a connection is waited for. */
  readonly room: WaitingRoom;
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
    { client, connectPatience, vigil, room }: Source,
    attempt: Attempt,
    log: AttemptLog,
  ): Promise<Session> {
    log.phase = 'acquire';
    let session: Session | undefined;
    makeCancellable(attempt, log, () => (session?.closed === true ? undefined : session));
    tellOfPool(client, room);
    let connection: Connection;
    if (connectPatience === undefined && room.tryAsk()) {
      try {
        connection = await client.acquireConnection();
      } catch (error) {
        room.failed(error, log);
        throw error;
      }
      room.answered();
    } else connection = await acquire(waiting(client, room, connectPatience), log);
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

/** How a connection is waited for. */
function waiting(
  client: KnexClient,
  room: WaitingRoom,
  limit: number | undefined,
): Parameters<typeof acquire<Connection>>[0] {
  const { pool } = client;
  return {
    room,
    limit,
    queueLimit: pool?.acquireTimeoutMillis,
    ask: () => client.acquireConnection(),
    askLate: () => askBriefly(client),
    isBusy: () => isBusy(client),
    giveBack: (late) => void client.releaseConnection(late).catch(() => {}),
  };
}

/** The last millisecond is spent in the pool's own queue, so that the error is Knex's own. tarn reads its limit when it is asked. */
function askBriefly(client: KnexClient): Promise<Connection> {
  const { pool } = client;
  const limit = pool?.acquireTimeoutMillis;
  if (pool !== undefined) pool.acquireTimeoutMillis = 1;
  try {
    return client.acquireConnection();
  } finally {
    if (pool !== undefined) pool.acquireTimeoutMillis = limit;
  }
}
