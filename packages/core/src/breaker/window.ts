/** A window is what a cushion (circuit breaker) remembers of the last calls; it says when to open. */
import { type Clock, endless, type Millis } from '../clock.js';
import { Rolling } from '../rolling.js';
import type { CushionRules } from './rules.js';

type CountRules = Extract<CushionRules['window'], { readonly kind: 'count' }>;
type TimeRules = Extract<CushionRules['window'], { readonly kind: 'time' }>;

/** What a window holds, for people. */
interface Count {
  readonly failed: number;
  readonly total: number;
}

/** Records results in constant time and says whether there are too many failures. */
export interface Window {
  /**
   * Records `n` calls that the server answered since it was last told, spread evenly over the time until now. Returns how
   * many may come before it is told again: a look at the clock for each would take as long as a whole call.
   */
  successes(n: number, now: Millis): number;
  /** Records a failed call; true when the cushion should open. */
  failure(now: Millis): boolean;
  /** What it holds. */
  count(now: Millis): Count;
  /** Forgets everything: after a recovery the old failures are no argument any more. */
  clear(): void;
}

/** So many may come at least before it is told again, and at most: that is the tolerance of its count. */
export const batch = { least: 64, most: 1_024 } as const;

/** @param clock says when it begins, and when it forgot: what comes is spread over the time since then. */
export function createWindow(rules: CushionRules['window'], clock: Pick<Clock, 'now'>): Window {
  return rules.kind === 'count' ? countWindow(rules) : timeWindow(rules, clock);
}

function countWindow({ failures, lastCalls }: CountRules): Window {
  let calls = 0;
  let next = 0;
  // The numbers of the last calls that failed, as many as open it, in a ring.
  const failed = new Float64Array(failures).fill(-endless);
  const isIn = (call: number = 0): boolean => calls - call < lastCalls;
  return {
    successes(n) {
      calls += n;
      return batch.most;
    },

    failure() {
      calls += 1;
      failed[next] = calls;
      next = (next + 1) % failures;
      // The oldest of them.
      return isIn(failed[next]);
    },

    count() {
      const total = Math.min(calls, lastCalls);
      return { failed: failed.filter((call) => isIn(call)).length, total };
    },

    clear() {
      calls = 0;
      failed.fill(-endless);
    },
  };
}

function timeWindow(rules: TimeRules, clock: Pick<Clock, 'now'>): Window {
  const { lastMs, minimum } = rules;
  const succeeded = new Rolling(lastMs);
  const failed = new Rolling(lastMs);
  // When it was last told of successes.
  let since = clock.now();
  let inARow = 0;
  let failedAt = -endless;
  const count = (now: Millis): Count => {
    const sum = failed.sum(now);
    return { failed: sum, total: sum + succeeded.sum(now) };
  };
  return {
    count,

    successes(n, now) {
      const lasted = now - since;
      if (n > 0) inARow = 0;
      succeeded.spread(since, now, n);
      since = now;
      // No more than come in about a hundredth of the window: when it falls silent, that much may seem younger than it is.
      const many = n >= batch.least && lasted >= 0 && lasted * 100 < lastMs;
      return many ? Math.min(n * 2, batch.most) : batch.least;
    },

    failure(now) {
      // Failures with a whole window of silence between them are not in a row.
      inARow = now - failedAt >= lastMs ? 1 : inARow + 1;
      failedAt = now;
      failed.add(now, 1);
      // A busy service has a window full of successes when it dies, and would take seconds to reach
      // the ratio. Twice the minimum without one answer is proof enough: at a steady 30 % of
      // failures and the default minimum it comes by chance once in 3e10 calls.
      return inARow >= minimum * 2 || isTooMuch(count(now), rules);
    },

    clear() {
      since = clock.now();
      succeeded.clear();
      failed.clear();
      inARow = 0;
    },
  };
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
