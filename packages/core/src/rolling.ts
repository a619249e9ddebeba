/** A rolling count is the sliding time window under a cushion (circuit breaker) and a retry budget. */
import { type Clock, endless, type Millis } from './clock.js';

/** So many uncounted calls at most: what makes `count` cost a nanosecond, and its tolerance. */
const batch = 64;

/**
 * How much there was of something in the last `lastMs`, in a ring of `buckets` of equal width. It
 * slides by whole buckets: what it sums is never older than `lastMs`, and all that is younger than
 * `lastMs` less one bucket is in the sum.
 */
export class Rolling {
  readonly #width: Millis;
  readonly #counts: Float64Array;
  /** The newest bucket, counted from the clock's zero. */
  #newest = -endless;
  /** Its place in the ring. Steps are counted from there: a remainder of such numbers takes as long as a look at the clock. */
  #place = 0;
  /** Counted, and not yet in a bucket. */
  #pending = 0;
  /** Until when all is in the buckets. */
  #since: Millis = endless;

  constructor(lastMs: Millis, buckets: number = 10) {
    this.#width = lastMs / buckets;
    this.#counts = new Float64Array(buckets);
  }

  /** Adds `n` at `now`; a clock that went back counts as one that stands. */
  add(now: Millis, n: number): void {
    this.#put(this.#slide(now), n);
  }

  /**
   * Adds one, some time between the last `sum` and the next. The clock is read at every 64th call
   * only, and the calls in between count as spread evenly over the time.
   */
  count(clock: Pick<Clock, 'now'>): void {
    this.#pending += 1;
    if (this.#pending === batch) this.#fold(clock.now());
  }

  /** Adds `n`, spread evenly over the time between `from` and `to`, which is now. */
  spread(from: Millis, to: Millis, n: number): void {
    const width = this.#width;
    const last = this.#slide(to);
    // All in the newest bucket, as nearly always. Also where the clock went back.
    if (from >= last * width || to < last * width) {
      this.#put(last, n);
      return;
    }
    const oldest = last - this.#counts.length + 1;
    for (let bucket = Math.max(oldest, Math.floor(from / width)); bucket <= last; bucket++) {
      const begin = Math.max(from, bucket * width);
      const end = Math.min(to, (bucket + 1) * width);
      this.#put(bucket, (n * (end - begin)) / (to - from));
    }
  }

  /** How much there was up to `now`. */
  sum(now: Millis): number {
    this.#fold(now);
    let sum = 0;
    for (const count of this.#counts) sum += count;
    return sum;
  }

  /** Forgets everything. */
  clear(): void {
    this.#counts.fill(0);
    this.#pending = 0;
    this.#since = endless;
  }

  #fold(now: Millis): void {
    this.spread(this.#since, now, this.#pending);
    this.#pending = 0;
    this.#since = now;
  }

  #put(bucket: number, n: number): void {
    const counts = this.#counts;
    const before = this.#place - (this.#newest - bucket);
    const place = before < 0 ? before + counts.length : before;
    counts[place] = (counts[place] ?? 0) + n;
  }

  /** The bucket of `now`; those that time has passed over hold what is older than the window. */
  #slide(now: Millis): number {
    const bucket = Math.floor(now / this.#width);
    const before = this.#newest;
    if (bucket <= before) return before;
    this.#newest = bucket;
    const { length } = this.#counts;
    for (let steps = Math.min(bucket - before, length); steps > 0; steps--) {
      this.#place = (this.#place + 1) % length;
      this.#counts[this.#place] = 0;
    }
    return bucket;
  }
}
