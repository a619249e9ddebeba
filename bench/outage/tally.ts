/** The tally of one run: who came, what was sent, who got an answer, in windows of 100 ms. */
import type { Millis } from '@carom/core';
import { capacity } from './server.js';
import type { Told } from './world.js';

export const windowWidth: Millis = 100;

export class Tally {
  /** Shots that began. */
  readonly offered: Counts;
  /** Attempts that reached the server. */
  readonly attempts: Counts;
  /** Shots that got their answer. */
  readonly answered: Counts;
  readonly told: Told & { readonly [Kind in keyof Told]: Set<number> } = {
    done: new Set(),
    failed: new Set(),
    unknown: new Set(),
  };
  /** When the last of those was answered who had come before the server was well again; `-Infinity` for nobody. */
  lastOfBefore: Millis = Number.NEGATIVE_INFINITY;
  /** The longest that anybody has waited for an answer or an error. */
  slowest: Millis = 0;
  readonly #wellAt: Millis;

  /** @param wellAt when the server is well again. */
  constructor(duration: Millis, wellAt: Millis) {
    this.#wellAt = wellAt;
    this.offered = new Counts(duration);
    this.attempts = new Counts(duration);
    this.answered = new Counts(duration);
  }

  /** A shot that came then has got its answer. */
  done(shot: number, came: Millis, now: Millis): void {
    this.told.done.add(shot);
    this.answered.add(now);
    this.slowest = Math.max(this.slowest, now - came);
    if (came < this.#wellAt) this.lastOfBefore = Math.max(this.lastOfBefore, now);
  }

  /** A shot that came then has got an error. */
  erred(shot: number, came: Millis, now: Millis, isUnknown: boolean): void {
    this.slowest = Math.max(this.slowest, now - came);
    this.told[isUnknown ? 'unknown' : 'failed'].add(shot);
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
