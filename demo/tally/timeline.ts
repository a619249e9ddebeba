/** A timeline counts what happened in each stretch of a run. */
import type { CushionState } from '@carom/core';
import type { PlayedFault } from '../faults/player.js';

/** The length of a stretch, in ms. */
export const stretch = 250;

/** From when on, in ms from the beginning of the run, a circuit was in a state. */
export interface CircuitChange {
  readonly at: number;
  readonly state: CushionState;
}

/** What a chart shows of one run. The counts have one number per stretch. */
export interface Timeline {
  readonly stretch: number;
  readonly succeeded: readonly number[];
  /** Operations that ended with an error, whichever. */
  readonly errors: readonly number[];
  readonly retries: readonly number[];
  readonly faults: readonly PlayedFault[];
  /** When the operations were asked for that were done more than once. */
  readonly doubles: readonly number[];
  /** Only where there is a circuit. */
  readonly circuit: readonly CircuitChange[] | undefined;
}

/** A counter per stretch. */
export class Stretches {
  readonly counts: number[] = [];

  add(at: number): void {
    const index = Math.floor(at / stretch);
    while (this.counts.length <= index) this.counts.push(0);
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }

  /** Exactly the stretches of a run of that length: what came after its end is not shown. */
  of(runMs: number): readonly number[] {
    return Array.from(
      { length: Math.ceil(runMs / stretch) },
      (_, index) => this.counts[index] ?? 0,
    );
  }

  /** Per second, over the last whole second before `now`. */
  rate(now: number): number {
    const last = Math.floor(now / stretch);
    const perSecond = 1_000 / stretch;
    let sum = 0;
    for (let index = last - perSecond; index < last; index += 1) sum += this.counts[index] ?? 0;
    return sum;
  }
}
