/** A session is one connection of Knex's pool: taken for an attempt, put back or thrown away after it. */
import type { Attempt, Verdict } from '@carom/core';
import {
  type Acquiring,
  type AttemptLog,
  acquire,
  generationsOf,
  type Hearer,
  type Held,
  makeCancellable,
  relay,
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

/** What is done with a session, or with the error of one that there is not. */
interface Taker<T> {
  taken(session: Session): PromiseLike<T>;
  refused(error: unknown): PromiseLike<T>;
}

/** One connection for one attempt. */
export class Session implements Held {
  readonly connection: Connection;
  readonly #client: KnexClient;
  readonly #log: AttemptLog;
  #closed = false;
  #pending = 0;

  /** Use `open` or `take`. */
  constructor(connection: Connection, { client, vigil }: Source, log: AttemptLog) {
    this.connection = connection;
    this.#client = client;
    this.#log = log;
    watchClient(connection);
    vigil?.begin();
    generationsOf(client).born(connection);
    log.connection = connection;
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

  /** A statement is sent. */
  sends(): void {
    this.#pending += 1;
  }

  /** A statement is answered. */
  hears(): void {
    this.#pending -= 1;
  }

  /** Counts a statement until it is answered. */
  track<T>(answer: Promise<T>): Promise<T> {
    this.sends();
    const hears = (): void => this.hears();
    answer.then(hears, hears);
    return answer;
  }

  /** Takes a connection, for an attempt that can be cancelled. */
  static open(source: Source, attempt: Attempt, log: AttemptLog): Promise<Session> {
    return Session.take(source, attempt, log, {
      taken: (session) => Promise.resolve(session),
      refused: (error) => Promise.reject(error as Error),
    });
  }

  /** The same for whoever goes on at once: each promise in between would be weight on every query. */
  static take<T>(source: Source, attempt: Attempt, log: AttemptLog, taker: Taker<T>): Promise<T> {
    const { client, room, connectPatience } = source;
    log.phase = 'acquire';
    tellOfPool(client, room);
    if (attempt.abandonable || connectPatience !== undefined || !room.tryAsk()) {
      return Session.#takeInTurn(source, attempt, log, taker);
    }
    return relay(client.acquireConnection(), new Acquisition(source, log, taker));
  }

  // Apart, since what it remembers is allocated where it is called.
  static #takeInTurn<T>(
    source: Source,
    attempt: Attempt,
    log: AttemptLog,
    taker: Taker<T>,
  ): Promise<T> {
    let held: Session | undefined;
    makeCancellable(attempt, log, () => (held?.closed ? undefined : held));
    return acquire(waiting(source), log).then(
      (connection) => {
        held = new Session(connection, source, log);
        if (!log.abandoned) return taker.taken(held);
        held.close('keep');
        throw attempt.signal.reason;
      },
      (error: unknown) => taker.refused(error),
    );
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
    // A pool that was destroyed meanwhile throws.
    if (this.#client.pool === undefined) return;
    // The promise only says what has happened already.
    this.#client.releaseConnection(this.connection).then(undefined, ignore);
  }
}

const ignore = (): void => {};

/** The pool was asked, and has not answered. */
class Acquisition<T> implements Hearer<Connection, T> {
  readonly #source: Source;
  readonly #log: AttemptLog;
  readonly #taker: Taker<T>;

  constructor(source: Source, log: AttemptLog, taker: Taker<T>) {
    this.#source = source;
    this.#log = log;
    this.#taker = taker;
  }

  fulfilled(connection: Connection): PromiseLike<T> {
    this.#source.room.answered();
    return this.#taker.taken(new Session(connection, this.#source, this.#log));
  }

  rejected(error: unknown): PromiseLike<T> {
    this.#source.room.failed(error, this.#log);
    return this.#taker.refused(error);
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
function waiting({ client, room, connectPatience: limit }: Source): Acquiring<Connection> {
  return {
    room,
    limit,
    queueLimit: client.pool?.acquireTimeoutMillis,
    ask: () => client.acquireConnection(),
    askLate: () => askBriefly(client),
    isBusy: () => isBusy(client),
    giveBack: (late) => void client.releaseConnection(late).then(undefined, ignore),
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
