/** A window is what a cushion (circuit breaker) remembers of the last calls; it says when to open. */
import type { Millis } from '../clock.js';
import type { CushionRules } from './rules.js';

/** Records results in constant time and says whether there are too many failures. */
export interface Window {
  /** Records a call that the server answered. */
  success(now: Millis): void;
  /** Records a failed call; true when the cushion should open. */
  failure(now: Millis): boolean;
  /** Forgets everything: after a recovery the old failures are no argument any more. */
  clear(): void;
}

type TimeRules = Extract<CushionRules['window'], { readonly kind: 'time' }>;

export function createWindow(rules: CushionRules['window']): Window {
  return rules.kind === 'count' ? countWindow(rules) : timeWindow(rules);
}

function countWindow(rules: { readonly failures: number; readonly lastCalls: number }): Window {
  const failed = new Uint8Array(rules.lastCalls);
  let next = 0;
  let failures = 0;
  const record = (result: 0 | 1): void => {
    failures += result - (failed[next] ?? 0);
    failed[next] = result;
    next = (next + 1) % failed.length;
  };
  return {
    success: () => record(0),
    failure: () => {
      record(1);
      return failures >= rules.failures;
    },
    clear: () => {
      failed.fill(0);
      failures = 0;
    },
  };
}

const buckets = 10;

function timeWindow(rules: TimeRules): Window {
  const width = rules.lastMs / buckets;
  const calls = new Float64Array(buckets);
  const failed = new Float64Array(buckets);
  let current = 0;
  let inARow = 0;
  const at = (now: Millis): number => {
    const tick = Math.floor(now / width);
    if (tick <= current) return current % buckets;
    // Failures with a whole window of silence between them are not in a row.
    if (tick - current >= buckets) inARow = 0;
    // Buckets that time has passed over hold calls older than the window.
    for (let old = Math.max(current + 1, tick - buckets + 1); old <= tick; old++) {
      calls[old % buckets] = 0;
      failed[old % buckets] = 0;
    }
    current = tick;
    return current % buckets;
  };
  const sum = (counts: Float64Array): number => {
    let total = 0;
    for (const count of counts) total += count;
    return total;
  };
  const add = (counts: Float64Array, bucket: number): void => {
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  };
  return {
    success(now) {
      add(calls, at(now));
      inARow = 0;
    },
    failure(now) {
      const bucket = at(now);
      add(calls, bucket);
      add(failed, bucket);
      inARow += 1;
      // A busy service has a window full of successes when it dies, and would take seconds to reach
      // the ratio. Twice the minimum without one answer is proof enough: at a steady 30 % of
      // failures and the default minimum it comes by chance once in 3e10 calls.
      return inARow >= rules.minimum * 2 || isTooMuch(sum(failed), sum(calls), rules);
    },
    clear() {
      calls.fill(0);
      failed.fill(0);
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
function isTooMuch(failed: number, total: number, { ratio, minimum }: TimeRules): boolean {
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
