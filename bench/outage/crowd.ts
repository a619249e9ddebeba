/** A crowd is a closed loop: so many callers, each of whom asks again when it was answered. */
import type { Millis, Random } from '@carom/core';
import type { VirtualClock } from './virtual-clock.js';

/** Between an answer and the next question, at most, in ms. */
const longestPause: Millis = 1;

/** They ask, again and again, until `until`, and while there is any load. */
export class Crowd {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #until: Millis;
  readonly #ask: () => Promise<void>;
  #idle: number;
  #asks = false;

  constructor(
    clock: VirtualClock,
    random: Random,
    { callers, until }: { readonly callers: number; readonly until: Millis },
    ask: () => Promise<void>,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#until = until;
    this.#ask = ask;
    this.#idle = callers;
  }

  /** 0 for nobody asks any more. */
  set load(load: number) {
    this.#asks = load > 0;
    if (!this.#asks) return;
    for (; this.#idle > 0; this.#idle--) this.#next();
  }

  #next(): void {
    const at = this.#clock.now() + this.#random() * longestPause;
    if (at >= this.#until) return;
    this.#clock.at(at, () => {
      if (this.#asks) void this.#ask().then(() => this.#next());
      else this.#idle += 1;
    });
  }
}
