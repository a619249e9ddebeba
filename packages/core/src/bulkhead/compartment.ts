/** A compartment is a bulkhead: so many attempts at a time, and the rest of the ship stays dry. */
import type { Clock, Millis } from '../clock.js';
import { CompartmentFullError, stackless } from '../errors.js';
import { enterGate, type Gate } from '../gate.js';
import { type Checks, wholeNumber } from '../invalid.js';
import { checkNamed, clockOf } from '../named.js';
import { Parking } from '../parking.js';

/** The options of a compartment. */
export interface CompartmentOptions {
  /** How many may be in it at a time. No default: it is the size of what it protects. */
  readonly limit: number;
  /** How many may wait for a place; the next one is refused. Default 0: nobody waits. */
  readonly maxQueued?: number | undefined;
}

const checks = (): Checks => ({ limit: wholeNumber(1), maxQueued: wholeNumber(0) });

/**
 * Lets at most `limit` in at a time; the others wait in a bounded queue, first come first served.
 *
 *     new Compartment('reports', { limit: 4, maxQueued: 100 })
 */
export class Compartment implements Gate {
  readonly name: string;
  readonly limit: number;
  readonly maxQueued: number;
  readonly #queue: Parking;
  #active = 0;

  /** @throws {InvalidOptionError} naming the option as `compartment.<option>`. */
  constructor(
    name: string,
    options: CompartmentOptions,
    source: { readonly clock?: Clock | undefined } = {},
  ) {
    const { limit, maxQueued = 0 } = checkNamed('compartment', name, options, checks(), 'limit');
    this.name = name;
    this.limit = limit;
    this.maxQueued = maxQueued;
    this.#queue = new Parking(clockOf('compartment', source), () => {});
  }

  /** How many are in it. */
  get active(): number {
    return this.#active;
  }

  /** How many wait for a place. */
  get queued(): number {
    return this.#queue.size;
  }

  /** Takes a place where there is one; those who wait have taken all. */
  tryEnter(): boolean {
    if (this.#active >= this.limit) return false;
    this.#active += 1;
    return true;
  }

  /**
   * Takes a place, after waiting for one for at most `patience` ms.
   * @throws {CompartmentFullError} when there is none and the queue is full, or the patience ends.
   * @throws the signal's reason as soon as it aborts.
   */
  enter(patience: Millis, signal: AbortSignal | undefined): Promise<void> {
    return enterGate(this, this.#queue, patience, signal);
  }

  mayWait(patience: Millis): boolean {
    return patience > 0 && this.#queue.size < this.maxQueued;
  }

  /** Gives the place to the one who has waited longest, or back. */
  leave(): void {
    if (this.#queue.admitNext(1) || this.#active === 0) return;
    this.#active -= 1;
  }

  /** The error for an attempt that cannot wait. */
  refusal(): CompartmentFullError {
    const { name, limit, active, queued } = this;
    const message = `the compartment (bulkhead) ${name} is full, ${active} of ${limit} at work and ${queued} waiting: nothing was sent`;
    return stackless(() => new CompartmentFullError(name, limit, message));
  }
}
