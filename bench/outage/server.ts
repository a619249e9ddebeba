/** The server of the simulation: a few workers, one queue, and no idea of who still waits for an answer. */
import type { Millis, Random } from '@carom/core';
import type { VirtualClock } from './virtual-clock.js';

/** What one job takes. */
export const jobTime: Millis = 10;
/** Workers of a server in good health. */
export const allWorkers = 20;
/** Answers per ms at most, in good health. */
export const capacity: number = allWorkers / jobTime;

/**
 * What becomes of those who ask: they are queued, refused because nothing listens, never answered, told that there
 * are too many of them, or queued and all at work on the same two rows.
 */
export type Way = 'open' | 'refused' | 'silent' | 'full' | 'hot';

/** Rows that all jobs want where it is hot. */
const hotRows = 2;

const codes = { refused: 'ECONNREFUSED', full: '53300', hot: '40001' } as const;

const failure = (way: keyof typeof codes): Error =>
  Object.assign(new Error(way), { code: codes[way] });

/** How long a client waits for an answer. The server does not learn when it gives up. */
export const clientTimeout: Millis = 100;

interface Client {
  readonly since: Millis;
  readonly answer: () => void;
  readonly fail: (error: Error) => void;
}

/** It works through its queue in order. Jobs whose client has given up are done all the same. */
export class Server {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  /** Whom the jobs are for; `undefined` where nobody listens any more. */
  #queue: (Client | undefined)[] = [];
  /** Where the queue begins, and where those begin who may still listen. */
  #head = 0;
  #listening = 0;
  #busy = 0;
  #workers = allWorkers;
  #errorRate = 0;
  #way: Way = 'open';
  /** When each hot row was written last. */
  readonly #written: Millis[] = [];

  constructor(clock: VirtualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Its health from now on. Without workers it finishes what it has begun and begins nothing. */
  become(health: {
    readonly workers: number;
    readonly errorRate: number;
    readonly way?: Way;
  }): void {
    this.#workers = health.workers;
    this.#errorRate = health.errorRate;
    this.#way = health.way ?? 'open';
    this.#begin();
  }

  request(): Promise<void> {
    if (this.#way === 'silent') return new Promise(() => {});
    if (this.#way !== 'open' && this.#way !== 'hot') return Promise.reject(failure(this.#way));
    this.#forget();
    return new Promise((answer, fail) => {
      this.#queue.push({ since: this.#clock.now(), answer, fail });
      this.#begin();
    });
  }

  #begin(): void {
    while (this.#busy < this.#workers && this.#head < this.#queue.length) {
      const client = this.#queue[this.#head];
      this.#queue[this.#head++] = undefined;
      this.#busy += 1;
      const since = this.#clock.now();
      this.#clock.at(since + jobTime, () => this.#finish(client, since));
    }
  }

  #finish(client: Client | undefined, since: Millis): void {
    this.#busy -= 1;
    // Drawn for every job, so that who has given up does not change what fails next.
    if (this.#errorRate > 0 && this.#random() < this.#errorRate) {
      client?.fail(new Error('the server failed'));
    } else if (this.#way === 'hot' && !this.#write(since)) {
      client?.fail(failure('hot'));
    } else {
      client?.answer();
    }
    this.#begin();
  }

  /** Writes a hot row that was read then; false where somebody else has written it since: the first one wins. */
  #write(since: Millis): boolean {
    const row = Math.floor(this.#random() * hotRows);
    if ((this.#written[row] ?? 0) > since) return false;
    this.#written[row] = this.#clock.now();
    return true;
  }

  /** A client that has given up is dropped, or a long queue would hold every shot in memory. */
  #forget(): void {
    const givenUp = this.#clock.now() - clientTimeout;
    this.#listening = Math.max(this.#listening, this.#head);
    for (; this.#listening < this.#queue.length; this.#listening++) {
      const client = this.#queue[this.#listening];
      if (client !== undefined && client.since >= givenUp) break;
      this.#queue[this.#listening] = undefined;
    }
    // What has been worked off is not copied for each job.
    if (this.#head < 10_000) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#listening -= this.#head;
    this.#head = 0;
  }
}
