/** The tally of one run: who came, what was sent, who got an answer, in windows of 100 ms. */
import type { Millis } from '@carom/core';
import { capacity } from './server.js';

export const windowWidth: Millis = 100;

export class Tally {
  /** Shots that began. */
  readonly offered: Counts;
  /** Attempts that reached the server. */
  readonly attempts: Counts;
  /** Shots that got their answer. */
  readonly answered: Counts;
  failed = 0;

  constructor(duration: Millis) {
    this.offered = new Counts(duration);
    this.attempts = new Counts(duration);
    this.answered = new Counts(duration);
  }

  /** Answers, as a share of what a server in good health could have given to those who came. */
  goodput(from: Millis, to: Millis): number {
    const possible = Math.min(this.offered.between(from, to), capacity * (to - from));
    return this.answered.between(from, to) / Math.max(1, possible);
  }
}

/** A count per window. What comes after the last window counts only in the total. */
class Counts {
  readonly #windows: Float64Array;
  total = 0;

  constructor(duration: Millis) {
    this.#windows = new Float64Array(Math.ceil(duration / windowWidth));
  }

  add(now: Millis): void {
    this.total += 1;
    const window = Math.floor(now / windowWidth);
    if (window < this.#windows.length) this.#windows[window] = (this.#windows[window] ?? 0) + 1;
  }

  /** From one edge of a window to another. */
  between(from: Millis, to: Millis): number {
    let sum = 0;
    const end = Math.round(to / windowWidth);
    for (let window = Math.round(from / windowWidth); window < end; window++) {
      sum += this.#windows[window] ?? 0;
    }
    return sum;
  }
}
