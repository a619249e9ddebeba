/** A throttle is a rate limit (token bucket): so many attempts in a time, and a burst now and then. */
import { type Clock, endless, type Millis, type Timer } from '../clock.js';
import { stackless, ThrottledError } from '../errors.js';
import { enterGate, type Gate } from '../gate.js';
import { type Checks, milliseconds, wholeNumber } from '../invalid.js';
import { checkNamed, clockOf } from '../named.js';
import { Parking } from '../parking.js';

/** The options of a throttle. */
export interface ThrottleOptions {
  /** How many may pass … No default: it is what the service behind it agreed to. */
  readonly rate: number;
  /** … in so many ms. Default 1,000. */
  readonly perMs?: Millis | undefined;
  /** How many may pass at once after a time of rest. Default: `rate`. */
  readonly burst?: number | undefined;
  /** How many may wait for their turn; the next one is refused. Default 0: nobody waits. */
  readonly maxQueued?: number | undefined;
}

const checks = (): Checks => ({
  rate: wholeNumber(1),
  perMs: milliseconds(1, 86_400_000),
  burst: wholeNumber(1),
  maxQueued: wholeNumber(0),
});

/**
 * A token bucket: it holds `burst` tokens, one comes back every `perMs / rate` ms, and each attempt
 * takes one. In no time of t ms do more than `burst + rate * t / perMs` pass.
 *
 *     new Throttle('partner-api', { rate: 50, burst: 10, maxQueued: 200 })
 */
export class Throttle implements Gate {
  readonly name: string;
  readonly rate: number;
  readonly perMs: Millis;
  readonly burst: number;
  readonly maxQueued: number;
  readonly #clock: Clock;
  readonly #queue: Parking;
  /**
   * When the bucket was last full, and how many tokens were taken since. Each turn is computed from
   * there, so that nothing adds up: neither the lateness of timers nor the rounding of fractions.
   */
  #fullAt: Millis = -endless;
  #taken = 0;
  #timer: Timer | undefined;

  /** @throws {InvalidOptionError} naming the option as `throttle.<option>`. */
  constructor(
    name: string,
    options: ThrottleOptions,
    source: { readonly clock?: Clock | undefined } = {},
  ) {
    const read = checkNamed('throttle', name, options, checks(), 'rate');
    const { rate, perMs = 1_000, burst = rate, maxQueued = 0 } = read;
    this.name = name;
    this.rate = rate;
    this.perMs = perMs;
    this.burst = burst;
    this.maxQueued = maxQueued;
    this.#clock = clockOf('throttle', source);
    this.#queue = new Parking(this.#clock, () => this.#timer?.cancel());
  }

  /** How many wait for their turn. */
  get queued(): number {
    return this.#queue.size;
  }

  /** When asking again makes sense, in ms from now, behind those who wait; 0 while there are tokens. */
  get retryAfter(): Millis {
    return Math.max(0, this.#turn(this.queued) - this.#clock.now());
  }

  /** Takes a token where there is one and nobody waits for it. */
  tryEnter(): boolean {
    return this.#queue.size === 0 && this.#take(this.#clock.now());
  }

  /**
   * Takes a token, after waiting for it for at most `patience` ms.
   * @throws {ThrottledError} when there is none and the queue is full, or the patience ends; at once
   * where the turn would not come sooner than that.
   * @throws the signal's reason as soon as it aborts.
   */
  enter(patience: Millis, signal: AbortSignal | undefined): Promise<void> {
    return enterGate(this, this.#queue, patience, signal, () => {
      if (this.queued === 1) this.#schedule();
    });
  }

  mayWait(patience: Millis): boolean {
    return this.queued < this.maxQueued && this.retryAfter < patience;
  }

  /** A token is not given back. */
  leave(): void {}

  /** When the next token is there for one behind whom so many wait. */
  #turn(ahead: number): Millis {
    return this.#fullAt + ((this.#taken + ahead + 1 - this.burst) * this.perMs) / this.rate;
  }

  #take(now: Millis): boolean {
    if (((now - this.#fullAt) * this.rate) / this.perMs >= this.#taken) {
      this.#fullAt = now;
      this.#taken = 0;
    } else if (now < this.#turn(0)) return false;
    this.#taken += 1;
    return true;
  }

  /** One timer for all: the turn of the first. */
  #schedule(): void {
    this.#timer = this.#clock.after(this.#turn(0) - this.#clock.now(), () => {
      const now = this.#clock.now();
      while (this.queued > 0 && this.#take(now)) this.#queue.admitNext(1);
      if (this.queued > 0) this.#schedule();
    });
  }

  /** The error for an attempt that cannot wait. */
  refusal(): ThrottledError {
    const { name, rate, perMs, retryAfter } = this;
    const message = `the throttle (rate limit) ${name} lets ${rate} pass in ${perMs} ms, the next one in ${Math.ceil(retryAfter)} ms: nothing was sent`;
    return stackless(() => new ThrottledError(name, retryAfter, message));
  }
}
