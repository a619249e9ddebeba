/** Stretches are the parts of a run in each of which it is counted what happened. */

/** The length of a stretch, in ms. */
export const stretch = 250;

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
