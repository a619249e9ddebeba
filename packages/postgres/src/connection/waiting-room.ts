/** A waiting room is where attempts wait for a connection: in place of a pool's own queue, which nobody can be called back from. */
import { type Clock, type Millis, systemClock, type Timer } from '@carom/core';
import type { Places } from './places.js';
import { refusalOf } from './refusal.js';
import type { SlowStart } from './slow-start.js';

/** Whose turn it is to be. */
export interface Turn {
  /** How long to wait for it, in ms; undefined for ever. */
  readonly limit: Millis | undefined;
  /** Called when it comes: from then on the pool is asked, and `answered` must follow. */
  come(): void;
  /** Called when the time is over. */
  late(): void;
  /** Called when it will not come: with why. What let it in decides when it is to be tried again. */
  calledBack(reason: Error): void;
}

const calledBack: WeakSet<Error> = new WeakSet();

/** Whether an attempt was called back from its waiting with this error. */
export function wasCalledBack(error: unknown): boolean {
  return typeof error === 'object' && error !== null && calledBack.has(error as Error);
}

/** The log of an attempt. */
export interface Asker {
  /** Where it waits for the pool to be asked; undefined as soon as that is done. */
  waitsIn?: WaitingRoom | undefined;
  /** Whether the next attempt waits to be let in. */
  gated: boolean;
  /** Whether nobody waits for this one any more. */
  readonly abandoned: boolean;
}

/**
 * As many ask the pool as it can have connections, and the others wait here, first come first served. Plain pools have each of
 * those in their queue connect to a server that is away, or full, for itself.
 */
export class WaitingRoom {
  readonly #places: Places;
  readonly #slowStart: SlowStart;
  readonly #clock: Clock;
  readonly #turns: Set<{ come(): void; callBack(reason: Error): void }> = new Set();
  /** Those who have asked the pool and have no answer yet. */
  #asking = 0;
  /** Whether the last of them was told that the server is away: then one at a time finds out. */
  #isCareful = false;
  #isLooking = false;

  constructor(places: Places, slowStart: SlowStart, clock: Clock = systemClock) {
    this.#places = places;
    this.#slowStart = slowStart;
    this.#clock = clock;
  }

  /** How many wait. */
  get size(): number {
    return this.#turns.size;
  }

  /** Whether the pool may be asked at once; then `answered` must follow. */
  tryAsk(): boolean {
    if (this.#turns.size > 0 || !this.#hasPlace) return false;
    this.#asking += 1;
    return true;
  }

  /** Whether all that the pool may have is at work: then who waits here has learnt nothing about the server. */
  get isBusy(): boolean {
    const { lent, max } = this.#places;
    return lent >= max;
  }

  /** Waits until the pool may be asked. */
  wait(turn: Turn, asker?: Asker): void {
    if (asker !== undefined) asker.waitsIn = this;
    const leave = (): void => {
      if (asker !== undefined) asker.waitsIn = undefined;
      timer?.cancel();
      this.#turns.delete(waiting);
      if (this.#turns.size === 0) this.#slowStart.queued.delete(this.#full);
    };
    const waiting = {
      come: (): void => {
        leave();
        this.#asking += 1;
        turn.come();
      },
      callBack: (reason: Error): void => {
        leave();
        calledBack.add(reason);
        turn.calledBack(reason);
      },
    };
    let timer: Timer | undefined;
    if (turn.limit !== undefined) {
      timer = this.#clock.after(turn.limit, () => {
        leave();
        turn.late();
      });
    }
    this.#turns.add(waiting);
    this.#slowStart.queued.add(this.#full);
  }

  /** The pool has given one who had asked a connection. */
  answered(): void {
    this.#asking -= 1;
    this.#isCareful = false;
    this.look();
  }

  /** It has given an error. The next one's turn comes when the circuit has heard of it, with the end of the attempt. */
  failed(error: unknown, asker: Asker | undefined): void {
    this.#asking -= 1;
    const refusal = refusalOf(error);
    this.#isCareful = refusal === 'away';
    if (refusal === 'full') {
      if (asker !== undefined) asker.gated = true;
      this.#slowStart.refused(error);
    }
    if (asker === undefined || asker.abandoned) this.look();
  }

  /** Somebody else has found out that the server is there: nobody has to do so in place of the others. */
  reassure(): void {
    this.#isCareful = false;
    this.look();
  }

  /** There may be a place: whose turn it is asks the pool. */
  look(): void {
    while (this.#turns.size > 0 && this.#hasPlace) {
      const [first] = this.#turns;
      first?.come();
    }
  }

  /** The pool has made a connection. */
  made(): void {
    this.#slowStart.made();
  }

  /** The pool is about to get a connection back. */
  freed(): void {
    if (this.#isLooking || (this.#turns.size === 0 && this.#slowStart.waiting.size === 0)) return;
    this.#lookSoon();
  }

  // Apart, since what its closure remembers is allocated where it is called.
  #lookSoon(): void {
    this.#isLooking = true;
    queueMicrotask(() => {
      this.#isLooking = false;
      this.look();
      this.#slowStart.letIn();
    });
  }

  /** Calls back all who wait here: to where they are let in again. */
  callBack(reason: () => Error): void {
    for (const turn of [...this.#turns]) turn.callBack(reason());
  }

  get #hasPlace(): boolean {
    const { idle, lent, max } = this.#places;
    if (this.#asking + lent >= max) return false;
    return !this.#isCareful || this.#asking === 0 || this.#asking < idle;
  }

  readonly #full = (): void => this.callBack(() => this.#slowStart.refuse());
}
