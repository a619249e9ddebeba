/** Arrivals: an open loop, in which those who come do not wait for those who came before (Poisson). */
import type { Millis, Random } from '@carom/core';
import type { VirtualClock } from './virtual-clock.js';

/** Arrivals per ms in quiet times. */
const usual: number = 1_500 / 1_000;

/** Somebody comes, again and again, as long as `open` says so. */
export class Arrivals {
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #until: Millis;
  readonly #come: () => void;
  #load = 1;
  /** Nobody is on the way. */
  #isQuiet = false;

  constructor(clock: VirtualClock, random: Random, until: Millis, come: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#until = until;
    this.#come = come;
    this.#next();
  }

  /** As a multiple of the usual, 0 for nobody; the one who is on the way already comes as announced. */
  set load(load: number) {
    this.#load = load;
    if (this.#isQuiet) this.#next();
  }

  #next(): void {
    this.#isQuiet = this.#load === 0;
    if (this.#isQuiet) return;
    const gap = -Math.log(1 - this.#random()) / (usual * this.#load);
    const at = this.#clock.now() + gap;
    if (at >= this.#until) return;
    this.#clock.at(at, () => {
      this.#come();
      this.#next();
    });
  }
}
