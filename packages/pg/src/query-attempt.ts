/** A query's attempt: a client is taken, the statement sent, the client put back; in callbacks, since each promise would be weight. */
import { AsyncResource } from 'node:async_hooks';
import type { Attempt } from '@carom/core';
import {
  type AttemptLog,
  completions,
  type Held,
  makeCancellable,
  traced,
  watchClient,
} from '@carom/postgres';
import type { PoolClient } from 'pg';
import type { Binding } from './binding.js';
import { isFree, noteCompletion, putBack, waitForClient } from './session.js';

/** What `pool.query` was given, without a callback. */
export type Args = readonly unknown[];
type Callback = (error: unknown, value?: unknown) => void;

/** One attempt; `resolve` gets its answer. */
export class QueryAttempt implements Held {
  readonly #source: Binding;
  readonly #args: Args;
  readonly #attempt: Attempt;
  readonly #log: AttemptLog;
  readonly #resolve: (value: unknown) => void;
  #client: PoolClient | undefined;
  /** What its client had reported complete before. */
  #before: number | undefined;
  #told: Callback | undefined;
  /** Whether the pool was asked for a client that was free, and has not answered. */
  #isAsking = false;
  #isOver = false;

  constructor(
    source: Binding,
    args: Args,
    attempt: Attempt,
    log: AttemptLog,
    resolve: (value: unknown) => void,
  ) {
    this.#source = source;
    this.#args = args;
    this.#attempt = attempt;
    this.#log = log;
    this.#resolve = resolve;
  }

  get client(): PoolClient {
    return this.#client as PoolClient;
  }

  get busy(): boolean {
    return this.#log.phase === 'statement';
  }

  start(): void {
    const { pool, base } = this.#source;
    this.#log.phase = 'acquire';
    if (this.#attempt.abandonable) this.#makeCancellable();
    const told: Callback = (error, value) => this.#goOn(error, value);
    this.#isAsking = isFree(this.#source);
    // Nothing of the caller's runs in these callbacks, unless he classifies; but a pool's queue may be served in another's context.
    this.#told = this.#isAsking && base.classify === undefined ? told : inContext(told);
    if (this.#isAsking) pool.connect(this.#told);
    else waitForClient(this.#source, this.#log).then((client) => told(undefined, client), told);
  }

  #makeCancellable(): void {
    makeCancellable(this.#attempt, this.#log, () =>
      this.#client === undefined || this.#isOver ? undefined : this,
    );
  }

  #goOn(error: unknown, value: unknown): void {
    // For a parameter that cannot be sent `pg` calls back twice.
    if (this.#isOver) return;
    if (this.#isAsking) this.#tellRoom(error);
    if (error) this.#fail(error);
    else if (this.#client === undefined) this.#send(value as PoolClient);
    else this.#end('keep', value);
  }

  #tellRoom(error: unknown): void {
    this.#isAsking = false;
    if (error) this.#source.room.failed(error, this.#log);
    else this.#source.room.answered();
  }

  #send(client: PoolClient): void {
    const log = this.#log;
    watchClient(client);
    this.#client = client;
    log.connection = client;
    if (log.abandoned) {
      this.#end('keep', traced(this.#attempt.signal.reason));
      return;
    }
    log.phase = 'statement';
    this.#before = completions(client);
    try {
      const query = client.query as (...all: unknown[]) => unknown;
      query.call(client, this.#args[0], this.#args[1], this.#told);
    } catch (error) {
      if (!this.#isOver) this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#client !== undefined) noteCompletion(this.#client, this.#before, this.#log);
    this.#end(this.#log.adviceOn(error), traced(error));
  }

  #end(advice: ReturnType<AttemptLog['adviceOn']>, answer: unknown): void {
    this.#isOver = true;
    if (this.#client !== undefined) putBack(this.#client, advice, this.#log);
    this.#resolve(answer);
  }
}

/** In the async context of whoever asks. `AsyncResource.bind` would take 6 kB for it. */
function inContext(told: Callback): Callback {
  const context = new AsyncResource('CaromQuery');
  return (error, value) => {
    context.runInAsyncScope(told, undefined, error, value);
  };
}
