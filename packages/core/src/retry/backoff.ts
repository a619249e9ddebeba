/** Backoff is how long to wait before a bounce (retry): pure arithmetic over one random number. */
import { chanceOf, type Millis, type Random } from '../clock.js';

/**
 * How chance enters a delay.
 * - `decorrelated`: between `base` and three times the last delay, so that neither the number of
 *   the attempt nor the time of the failure keeps callers in step (AWS Architecture Blog,
 *   "Exponential Backoff And Jitter", 2015).
 * - `full`: between zero and the exponential delay (the same source).
 * - `none`: the exponential delay itself.
 */
export type Jitter = 'decorrelated' | 'full' | 'none';

/** The numbers of one backoff; all in ms. */
export interface BackoffRules {
  readonly base: Millis;
  readonly max: Millis;
  readonly jitter: Jitter;
}

/** The delay before the `bounce`-th bounce (from 1), after a bounce that waited `previous` ms. */
export function backoff(
  rules: BackoffRules,
  bounce: number,
  previous: Millis,
  random: Random,
): Millis {
  const { base, max, jitter } = rules;
  if (jitter === 'decorrelated') {
    const ceiling = Math.max(base, Math.max(previous, base) * 3);
    return Math.min(max, base + chanceOf(random) * (ceiling - base));
  }
  // 2 ** 1024 is Infinity, and Infinity times a base of 0 is not a number.
  const exponential = Math.min(max, base * 2 ** Math.min(bounce - 1, 1_000));
  return jitter === 'full' ? chanceOf(random) * exponential : exponential;
}
