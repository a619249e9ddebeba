/** A session is one checked-out `pg` client: taken for an attempt, put back or destroyed after it. */
import type { Verdict } from '@carom/core';
import { type AttemptLog, completions, watchClient } from '@carom/postgres';
import type { Pool, PoolClient } from 'pg';

/** What an attempt needs to know of the one who waits for it. */
interface Waiting {
  readonly signal: AbortSignal;
  readonly abandonable: boolean;
}

/** One client for one attempt. */
export class Session {
  readonly client: PoolClient;
  readonly #log: AttemptLog;
  #released = false;

  private constructor(client: PoolClient, log: AttemptLog) {
    this.client = client;
    this.#log = log;
  }

  /** Takes a client from the pool. The connection is cut when nobody waits for the attempt any more. */
  static async open(pool: Pool, attempt: Waiting, log: AttemptLog): Promise<Session> {
    log.phase = 'acquire';
    let session: Session | undefined;
    if (attempt.abandonable) {
      const onAbort = (): void => {
        log.abandon();
        session?.close('discard');
      };
      attempt.signal.addEventListener('abort', onAbort, { once: true });
    }
    const client = await pool.connect();
    watchClient(client);
    session = new Session(client, log);
    if (!log.abandoned) return session;
    session.close('keep');
    throw attempt.signal.reason;
  }

  /** Sends one statement and keeps the log true about its completion. */
  async send<T>(query: (client: PoolClient) => PromiseLike<T>): Promise<T> {
    const before = completions(this.client);
    try {
      return await query(this.client);
    } catch (error) {
      const after = completions(this.client);
      if (before !== undefined && after !== undefined) this.#log.completed = after > before;
      throw error;
    }
  }

  /** Puts the client back, or destroys it: a bad connection is never there for the next attempt. */
  close(advice: Verdict['connection']): void {
    if (this.#released) return;
    this.#released = true;
    this.client.release(advice !== 'keep');
  }
}
