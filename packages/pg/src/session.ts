/** A session is one checked-out `pg` client: taken for an attempt, put back or destroyed after it. */
import type { Attempt, Verdict } from '@carom/core';
import {
  type AttemptLog,
  acquire,
  completions,
  type Held,
  isPoolBusy,
  makeCancellable,
  watchClient,
} from '@carom/postgres';
import type { Pool, PoolClient } from 'pg';

/** Where clients come from. */
export interface Source {
  readonly pool: Pool;
  /** How long to wait for one, in ms; undefined leaves it to the pool. */
  readonly connectPatience: number | undefined;
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
    const client = await askClient(source);
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

  /** Puts the client back, or destroys it: a bad connection is never there for the next attempt. */
  close(advice: Verdict['connection']): void {
    if (this.#released) return;
    this.#released = true;
    putBack(this.client, advice, this.#log);
  }
}

/** Asks the pool for a client; rejects with a `CaromError` when none came in time. */
export function askClient({ pool, connectPatience: limit }: Source): Promise<PoolClient> {
  const free = pool.idleCount > 0;
  const asked = pool.connect();
  if (limit === undefined || free) return asked;
  return acquire(asked, {
    limit,
    isBusy: () => isPoolBusy(pool),
    giveBack: (late) => late.release(),
  });
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
