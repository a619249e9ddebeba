/** A session is one checked-out `pg` client: taken for an attempt, put back or destroyed after it. */
import type { Attempt, Verdict } from '@carom/core';
import {
  type Acquiring,
  type AttemptLog,
  acquire,
  completions,
  type Held,
  isPoolBusy,
  makeCancellable,
  type WaitingRoom,
  watchClient,
} from '@carom/postgres';
import type { Pool, PoolClient } from 'pg';

/** Where clients come from. */
export interface Source {
  readonly pool: Pool;
  /** How long to wait for one, in ms; undefined leaves it to the pool. */
  readonly connectPatience: number | undefined;
  /** Where it is waited for. */
  readonly room: WaitingRoom;
}

/** One client for one attempt. */
export class Session implements Held {
  readonly client: PoolClient;
  readonly #log: AttemptLog;
  #released = false;
  #pending = 0;

  private constructor(client: PoolClient, log: AttemptLog) {
    this.client = client;
    this.#log = log;
  }

  /** Takes a client from the pool, for an attempt that can be cancelled. */
  static async open(source: Source, attempt: Attempt, log: AttemptLog): Promise<Session> {
    log.phase = 'acquire';
    let session: Session | undefined;
    makeCancellable(attempt, log, () => (session?.released ? undefined : session));
    const { pool, room } = source;
    let client: PoolClient;
    if (isFree(source)) {
      try {
        client = await pool.connect();
      } catch (error) {
        room.failed(error, log);
        throw error;
      }
      room.answered();
    } else client = await waitForClient(source, log);
    watchClient(client);
    session = new Session(client, log);
    log.connection = client;
    if (!log.abandoned) return session;
    session.close('keep');
    throw attempt.signal.reason;
  }

  /** Whether a statement is on its way. */
  get busy(): boolean {
    return this.#pending > 0;
  }

  /** Whether the client is the pool's again. */
  get released(): boolean {
    return this.#released;
  }

  /** Counts a statement of the caller's that was sent, and notes its error. */
  track(answer: PromiseLike<unknown>): void {
    this.#pending += 1;
    answer.then(
      () => {
        this.#pending -= 1;
      },
      (error: unknown) => {
        this.#pending -= 1;
        this.#log.note(error);
      },
    );
  }

  /** Sends one statement and keeps the log true about its completion. */
  async send<T>(query: (client: PoolClient) => PromiseLike<T>): Promise<T> {
    const before = completions(this.client);
    this.#pending += 1;
    try {
      return await query(this.client);
    } catch (error) {
      noteCompletion(this.client, before, this.#log);
      throw error;
    } finally {
      this.#pending -= 1;
    }
  }

  /** Destroys the client of an attempt that has been given up. */
  letGo(): void {
    this.close('discard');
  }

  /** Puts the client back, or destroys it: a bad connection is never there for the next attempt. */
  close(advice: Verdict['connection']): void {
    if (this.#released) return;
    this.#released = true;
    putBack(this.client, advice, this.#log);
  }
}

/** Whether the pool has a client that may be asked for at once; then the room must hear what came of it. */
export function isFree({ pool, room }: Source): boolean {
  return pool.idleCount > 0 && room.tryAsk();
}

/** Waits for a client that the pool has not got at once; rejects with a `CaromError` when none came in time. */
export function waitForClient(
  { pool, room, connectPatience: limit }: Source,
  log: AttemptLog,
): Promise<PoolClient> {
  const waiting: Acquiring<PoolClient> = {
    room,
    limit,
    queueLimit: pool.options.connectionTimeoutMillis,
    ask: () => pool.connect(),
    // As the pool itself says.
    askLate: () => Promise.reject(new Error('timeout exceeded when trying to connect')),
    isBusy: () => isPoolBusy(pool),
    giveBack: (late) => late.release(),
  };
  return acquire(waiting, log);
}

/** Notes whether the statement that has failed was reported complete. */
export function noteCompletion(
  client: PoolClient,
  before: number | undefined,
  log: AttemptLog,
): void {
  const after = completions(client);
  if (before !== undefined && after !== undefined) log.completed = after > before;
}

/** Puts a client back, or destroys it. */
export function putBack(client: PoolClient, advice: Verdict['connection'], log: AttemptLog): void {
  // A cancel request may still be under way, and would hit whatever runs next.
  client.release(advice !== 'keep' || log.cancelled);
}
