/** A slow start is how a datasource is connected to whose server was full: one at a time, then two, four, … (pacing). */
import { CaromError, type Clock, chanceOf, type Millis, type Random } from '@carom/core';
import { nextLimit, pause } from '../outage/pace.js';

/** So long after the last refusal a server counts as full, in ms, if nobody has tried since: as long as a circuit remembers. */
const remembered: Millis = 10_000;

/**
 * One for all clients of a datasource. Begins when the server, or its pooler, gives out no more connections. From then on a new
 * one is tried every 100 to 250 ms, ever more seldom after a minute; each that is made lets two more be tried.
 */
export class SlowStart {
  readonly #datasource: string;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Those with shots that wait to connect; called when more may. */
  readonly waiting: Set<() => void> = new Set();
  /** Those with attempts in a pool's queue; called when the pool may not grow any more. */
  readonly queued: Set<() => void> = new Set();
  /** Others who want to hear that a connection was made. */
  readonly listeners: Set<() => void> = new Set();
  #active = false;
  #since: Millis = 0;
  #last: Millis = 0;
  #limit: Millis | undefined;
  #due: Millis = 0;
  /** How many more may be tried without a pause. */
  #more = 0;
  /** Whether the last that was heard of is a connection made. */
  #hasRoom = false;
  /** The driver's error that said so last. */
  #refusal: unknown;

  /** @param datasource its name, for people. */
  constructor(datasource: string, clock: Clock, random: Random) {
    this.#datasource = datasource;
    this.#clock = clock;
    this.#random = random;
  }

  /** Whether connecting is slowed. */
  get active(): boolean {
    return this.#active;
  }

  /** Whether the server was full not long ago. */
  get isFull(): boolean {
    return this.#active && this.#clock.now() - this.#last < remembered;
  }

  /** How long until one more may be tried, in ms. */
  get wait(): Millis {
    return this.#more > 0 ? 0 : Math.max(0, this.#due - this.#clock.now());
  }

  /** No connection was given out. */
  refused(error: unknown): void {
    const now = this.#clock.now();
    if (!this.#active || this.#hasRoom) {
      this.#since = now;
      this.#limit = undefined;
    }
    this.#active = true;
    this.#last = now;
    this.#more = 0;
    this.#hasRoom = false;
    this.#refusal = error;
    this.#pause(now);
    for (const callBack of [...this.queued]) callBack();
  }

  /** A connection was made. */
  made(): void {
    if (!this.#active) return;
    this.#more += 2;
    this.#hasRoom = true;
    this.letIn();
    for (const hear of [...this.listeners]) hear();
  }

  /** Whether one more may be tried now; then it counts as tried. */
  take(): boolean {
    if (!this.#active) return true;
    if (this.#more > 0) {
      this.#more -= 1;
      return true;
    }
    const now = this.#clock.now();
    if (now < this.#due) return false;
    this.#pause(now);
    return true;
  }

  /** The error for who does not get in. */
  refuse(): CaromError {
    return new CaromError(
      'CAROM_SERVER_FULL',
      `the server of ${this.#datasource} gives out no more connections: nothing was sent`,
      { cause: this.#refusal },
    );
  }

  /** A place may have become free: those who wait look again. */
  letIn(): void {
    for (const look of [...this.waiting]) look();
    this.#rest();
  }

  /** Nobody waits there any more. */
  leave(look: () => void): void {
    this.waiting.delete(look);
    this.#rest();
  }

  /** It is over when connections are made, and nobody waits. */
  #rest(): void {
    if (this.#hasRoom && this.waiting.size === 0) this.#active = false;
  }

  #pause(now: Millis): void {
    this.#limit = nextLimit(this.#limit, now - this.#since);
    this.#due = now + pause(this.#limit, chanceOf(this.#random));
  }
}
