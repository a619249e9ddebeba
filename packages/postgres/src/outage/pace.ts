/** The pace of a prober: often while an outage is young, since most are short; seldom when it is old. */
import type { Millis } from '@carom/core';

/** So long it asks at the first pace, in ms. */
const young: Millis = 60_000;
/** The longest pauses, in ms: at first, and at last. */
const first: Millis = 250;
const last: Millis = 5_000;
/** Each pause after that time may be so much longer than the one before. */
const growth = 1.5;
/** The shortest pause is this share of the longest: 100 of 250 ms. Many processes do not ask in step. */
const least = 0.4;

/** The longest that the next pause may be, where the last one might have been `previous`. */
export function nextLimit(previous: Millis | undefined, elapsed: Millis): Millis {
  if (previous === undefined || elapsed < young) return first;
  return Math.min(previous * growth, last);
}

/** A pause up to `limit`. */
export function pause(limit: Millis, chance: number): Millis {
  return limit * (least + (1 - least) * chance);
}
