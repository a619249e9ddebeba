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

  constructor(clock: VirtualClock, random: Random, until: Millis, come: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#until = until;
    this.#come = come;
    this.#next();
  }

  /** As a multiple of the usual; the one who is on the way already comes as announced. */
  set load(load: number) {
    this.#load = load;
  }

  #next(): void {
    const gap = -Math.log(1 - this.#random()) / (usual * this.#load);
    const at = this.#clock.now() + gap;
    if (at >= this.#until) return;
    this.#clock.at(at, () => {
      this.#come();
      this.#next();
    });
  }
}
