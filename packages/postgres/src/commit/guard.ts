/** The COMMIT guard stands around one transaction: it has the ticket before COMMIT is sent, and settles an answer that is lost. */
import { CaromError, type Clock, decided, type Millis, systemClock } from '@carom/core';
import { classify } from '../classify/classify.js';
import { tell } from '../telemetry/scoreboard.js';
import { noAnswer, within } from './line.js';
import type { Resolver } from './resolver.js';
import type { ServerMemory } from './server-memory.js';
import { recordSettlement, type Settlement, settlementOf } from './settlement.js';
import type { Ticket } from './ticket.js';
import { Ticketing } from './ticketing.js';
import { hangUp, type WireClient } from './wire.js';

/** How a lost COMMIT is settled: by the transaction's id, by a token in a table of Carom's, or not at all. */
export type CommitLevel = 'xid' | 'fence' | 'none';

/** What the guards of one datasource have in common. */
export interface GuardRules {
  readonly level: Exclude<CommitLevel, 'none'>;
  readonly resolver: Resolver;
  readonly memory: ServerMemory;
  /** How long a lost COMMIT may be asked about, in ms. */
  readonly patience: Millis;
  /** How long COMMIT may be without an answer before the server is asked beside it, in ms. */
  readonly answerWithin: Millis;
  /** How long the whole shot may take, in ms, and the signal by which its caller ends it. */
  readonly timeout?: Millis | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** What stands for the answer to a COMMIT that was lost, and is known to be done. */
const committedAnswer: Readonly<Record<string, unknown>> = Object.freeze({
  command: 'COMMIT',
  rowCount: null,
  oid: null,
  rows: [],
  fields: [],
});

/** The guard of one transaction. */
export class CommitGuard {
  readonly #rules: GuardRules;
  readonly #client: WireClient;
  readonly #ticketing: Ticketing;
  readonly #onlyRead: () => boolean;
  #patience: Millis;
  #lost = false;

  /**
   * @param query the client's own, whoever listens on it.
   * @param onlyRead whether everything sent was provably read-only; asked when the end is near.
   */
  constructor(
    rules: GuardRules,
    client: WireClient,
    query: WireClient['query'],
    onlyRead: () => boolean,
  ) {
    const { level, memory, resolver, patience } = rules;
    this.#rules = rules;
    this.#client = client;
    this.#ticketing = new Ticketing(
      { level, memory, datasource: resolver.datasource },
      { client, query },
    );
    this.#onlyRead = onlyRead;
    this.#patience = patience;
  }

  /** Whether the connection was given up for lost; it must not be used again. */
  get lost(): boolean {
    return this.#lost;
  }

  /** With what the outcome can be asked for later; from before COMMIT is sent. */
  get ticket(): Ticket | undefined {
    return this.#ticketing.ticket;
  }

  /** By which the shot's caller ends it. */
  get signal(): AbortSignal | undefined {
    return this.#rules.signal;
  }

  /** How long a shot that began then may still ask, in ms. */
  timeLeft(began: Millis): Millis {
    const { timeout, clock = systemClock } = this.#rules;
    if (timeout === undefined) return this.#patience;
    return Math.min(this.#patience, began + timeout - clock.now());
  }

  /**
   * Sends BEGIN, and what there is to learn about the server in the same flight.
   * @param send sends a text, and gives the client's result.
   * @throws {CaromError} `CAROM_FENCE_MISSING` where the fence has no table.
   */
  begin<T>(text: string, send: (text: string) => PromiseLike<T>): Promise<T> {
    return this.#ticketing.begin(text, send);
  }

  /** Sends a statement of the caller's, and returns what the client returns. */
  send(sql: string | undefined, args: unknown[]): unknown {
    return this.#ticketing.send(sql, args);
  }

  /** While a question rides behind a statement, and what was sent after it may be held back; resolves when it is over. */
  get asking(): Promise<void> | undefined {
    return this.#ticketing.asking;
  }

  /** With what the server refused Carom's own question, which aborts the transaction; undefined where it did not. */
  get refused(): unknown {
    return this.#ticketing.refused;
  }

  /** Whether nothing has to be asked any more before COMMIT. */
  get isReady(): boolean {
    return this.#ticketing.isReady(this.#onlyRead);
  }

  /** Makes sure that the ticket is there. Before COMMIT, and before anyone thinks that it was sent. */
  prepare(): Promise<void> {
    return this.#ticketing.prepare(this.#onlyRead);
  }

  /**
   * Sends COMMIT. An answer that is lost is settled: what was committed after all gives the answer that it would have had.
   * @throws the driver's error, with its settlement on record.
   */
  async commit<T>(send: () => PromiseLike<T>): Promise<T> {
    try {
      return await this.#answered(Promise.resolve(send()));
    } catch (error) {
      if (settlementOf(error) !== undefined) throw error;
      const { outcome } = classify(error, { phase: 'commit', inTransaction: true });
      if (outcome !== 'unknown') throw error;
      this.#hangUp();
      return this.#concluded(await this.#settle(), error);
    }
  }

  /** Nobody waits for the answer any more: it is settled by asking, for at most `limit` ms. */
  giveUp(limit: Millis): void {
    this.#patience = Math.min(this.#patience, limit);
    this.#hangUp();
  }

  async #answered<T>(answer: Promise<T>): Promise<T> {
    const { answerWithin, resolver, clock = systemClock } = this.#rules;
    for (;;) {
      const ticket = this.#ticketing.ticket;
      if (ticket === undefined) return await answer;
      const early = await within(answer, answerWithin, clock);
      if (early !== noAnswer) return early;
      let running = false;
      let settlement: Settlement;
      const stop = new AbortController();
      const onPending = (now: boolean): void => {
        running = now;
      };
      const asked = resolver.settle(ticket, {
        patience: this.#patience,
        signal: stop.signal,
        onPending,
      });
      try {
        const first = await Promise.race([answer.then((value) => ({ value })), asked]);
        if ('value' in first) return first.value;
        // A slow COMMIT, on a server that is well.
        if (first.outcome === 'unknown' && running) continue;
        answer.catch(() => {});
        this.#hangUp();
        settlement = first;
      } finally {
        stop.abort();
      }
      return this.#concluded(settlement, unanswered(answerWithin));
    }
  }

  async #settle(): Promise<Settlement> {
    const ticket = this.#ticketing.ticket;
    if (ticket !== undefined) {
      const settlement = await this.#rules.resolver.settle(ticket, { patience: this.#patience });
      // Behind a pooler the connection may live on, and lead to another incarnation.
      if (settlement.outcome === 'unknown') this.#rules.memory.forget(this.#client);
      return settlement;
    }
    return { outcome: 'unknown', reason: this.#ticketing.lacking };
  }

  #hangUp(): void {
    this.#lost = true;
    hangUp(this.#client);
  }

  /** The connection is hung up, although the work is done: no verdict will say so. */
  #tellDiscarded(): void {
    const { datasource } = this.#rules.resolver;
    const unknown = { attempt: undefined, verdict: undefined, code: undefined };
    const why = 'its COMMIT was not answered';
    const who = { operation: 'transaction', datasource, phase: 'commit' } as const;
    tell('connectionDiscarded', () => ({ ...who, ...unknown, ...decided('discard', why) }));
  }

  #concluded<T>(settlement: Settlement, error: unknown): T {
    if (settlement.outcome === 'committed') {
      this.#tellDiscarded();
      return committedAnswer as T;
    }
    recordSettlement(error, settlement);
    throw error;
  }
}

function unanswered(limit: Millis): CaromError {
  return new CaromError('CAROM_COMMIT_UNANSWERED', `COMMIT was not answered within ${limit} ms`);
}
