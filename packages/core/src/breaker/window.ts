/** A window is what a cushion (circuit breaker) remembers of the last calls; it says when to open. */
import { type Clock, endless, type Millis } from '../clock.js';
import { batch, Rolling } from '../rolling.js';
import type { CushionRules } from './rules.js';

type TimeRules = Extract<CushionRules['window'], { readonly kind: 'time' }>;

/** What a window holds, for people. */
interface Count {
  readonly failed: number;
  readonly total: number;
}

/** How a window remembers: by count or by time. */
interface Memory {
  /** So many calls that the server answered. */
  successes(n: number): void;
  failure(now: Millis): boolean;
  count(now: Millis): Count;
  clear(): void;
}

/**
 * Records results in constant time and says whether there are too many failures. Successes matter only when somebody
 * looks, or the next failure comes: until then they are one number, whatever the kind of window.
 */
export class Window {
  readonly #memory: Memory;
  /** Successes that the memory does not have yet. */
  #fresh = 0;

  constructor(rules: CushionRules['window'], clock: Pick<Clock, 'now'>) {
    this.#memory = rules.kind === 'count' ? new CountMemory(rules) : new TimeMemory(rules, clock);
  }

  /** Records a call that the server answered. It reads no clock: that takes as long as a whole call. */
  success(): void {
    this.#fresh += 1;
    if (this.#fresh === batch) this.#remember();
  }

  /** Records a failed call; true when the cushion should open. */
  failure(now: Millis): boolean {
    this.#remember();
    return this.#memory.failure(now);
  }

  /** What it holds, for people. */
  count(now: Millis): Count {
    this.#remember();
    return this.#memory.count(now);
  }

  /** Forgets everything: after a recovery the old failures are no argument any more. */
  clear(): void {
    this.#fresh = 0;
    this.#memory.clear();
  }

  #remember(): void {
    if (this.#fresh > 0) this.#memory.successes(this.#fresh);
    this.#fresh = 0;
  }
}

class CountMemory implements Memory {
  readonly #limit: number;
  readonly #failed: Uint8Array;
  #next = 0;
  #failures = 0;
  /** Successes that the ring does not have yet: they matter when the next failure comes. */
  #successes = 0;

  constructor(rules: { readonly failures: number; readonly lastCalls: number }) {
    this.#limit = rules.failures;
    this.#failed = new Uint8Array(rules.lastCalls);
  }

  successes(n: number): void {
    this.#successes += n;
  }

  failure(): boolean {
    this.#catchUp();
    this.#record(1);
    return this.#failures >= this.#limit;
  }

  count(): Count {
    this.#catchUp();
    return { failed: this.#failures, total: this.#failed.length };
  }

  clear(): void {
    this.#successes = 0;
    if (this.#failures === 0) return;
    this.#failed.fill(0);
    this.#failures = 0;
  }

  #catchUp(): void {
    for (let n = Math.min(this.#successes, this.#failed.length); n > 0; n--) this.#record(0);
    this.#successes = 0;
  }

  #record(result: 0 | 1): void {
    const failed = this.#failed;
    this.#failures += result - (failed[this.#next] ?? 0);
    failed[this.#next] = result;
    this.#next = this.#next + 1 === failed.length ? 0 : this.#next + 1;
  }
}

class TimeMemory implements Memory {
  readonly #rules: TimeRules;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #succeeded: Rolling;
  readonly #failed: Rolling;
  #inARow = 0;
  #failedAt: Millis = -endless;

  constructor(rules: TimeRules, clock: Pick<Clock, 'now'>) {
    this.#rules = rules;
    this.#clock = clock;
    this.#succeeded = new Rolling(rules.lastMs);
    this.#failed = new Rolling(rules.lastMs);
  }

  successes(n: number): void {
    this.#inARow = 0;
    this.#succeeded.count(this.#clock, n);
  }

  failure(now: Millis): boolean {
    const { minimum, lastMs } = this.#rules;
    // Failures with a whole window of silence between them are not in a row.
    this.#inARow = now - this.#failedAt >= lastMs ? 1 : this.#inARow + 1;
    this.#failedAt = now;
    this.#failed.add(now, 1);
    // A busy service has a window full of successes when it dies, and would take seconds to reach
    // the ratio. Twice the minimum without one answer is proof enough: at a steady 30 % of
    // failures and the default minimum it comes by chance once in 3e10 calls.
    if (this.#inARow >= minimum * 2) return true;
    return isTooMuch(this.count(now), this.#rules);
  }

  count(now: Millis): Count {
    const failed = this.#failed.sum(now);
    return { failed, total: failed + this.#succeeded.sum(now) };
  }

  clear(): void {
    this.#succeeded.clear();
    this.#failed.clear();
    this.#inARow = 0;
  }
}

/**
 * Whether `failed` of `total` calls are a share of `ratio` or more, and not by chance. Six tenths of
 * the ratio are harmless (30 % by default), and yet the bare comparison would open one in six of such
 * services within its first calls. So the evidence against that, by Chernoff's bound, must be as
 * strong as that of `minimum` failures without one success: all of 10 calls, 17 of 20, 32 of 50, 54
 * of 100, and half of them from 140 calls on.
 */
function isTooMuch({ failed, total }: Count, { ratio, minimum }: TimeRules): boolean {
  const share = failed / total;
  if (total < minimum || share < ratio) return false;
  const harmless = 0.6 * ratio;
  const succeeded = total - failed;
  const evidence =
    failed * Math.log(share / harmless) +
    (succeeded === 0 ? 0 : succeeded * Math.log((1 - share) / (1 - harmless)));
  // Sums of logarithms are off by a few bits.
  return evidence >= minimum * Math.log(1 / harmless) - 1e-9;
}
