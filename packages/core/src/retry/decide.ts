/** The decision whether to bounce (retry), and when: a pure function of the verdict and the rules. */
import { endless, type Millis, type Random } from '../clock.js';
import type { Verdict, VerdictKind } from '../verdict.js';
import { type BackoffRules, backoff, type Jitter } from './backoff.js';

/** What bounds the bounces of one shot. */
export interface BounceRules {
  /** Bounces at most, not counting those that `isCounted` does not. */
  readonly retries: number;
  readonly baseDelay: Millis;
  readonly maxDelay: Millis;
  readonly jitter: Jitter;
  /** All waiting of one shot together: delays and time parked at an open cushion. */
  readonly patience: Millis;
}

/** What has happened to the shot so far. */
export interface Situation {
  readonly verdict: Verdict;
  /** Bounces counted against `retries`. */
  readonly bounces: number;
  /** Those which `patience` alone bounds. */
  readonly uncounted: number;
  /** The delay before the attempt that failed. */
  readonly previousDelay: Millis;
  /** Waited so far: delays, and parked at an open cushion. */
  readonly waited: Millis;
  /** Since the first failure, the attempts' own time included. */
  readonly elapsed: Millis;
  /** Whether work of unknown outcome may be played again: a read, or declared idempotent. */
  readonly repeatable: boolean;
  /** How long the server asked to wait, in ms; 0 where it did not. */
  readonly retryAfter: Millis;
  /** The caller's `shouldBounce`: yes, no, or no opinion. */
  readonly opinion: boolean | undefined;
}

/** Play again after `delay` ms, or stop, and why. */
export type Decision =
  | { readonly bounce: true; readonly delay: Millis }
  | { readonly bounce: false; readonly why: string };

export const stop = (why: string): Decision => ({ bounce: false, why });

export const cancelled = 'the caller cancelled the shot';

/** The shortest delay of what has no count to end it, in ms. */
const shortest: Millis = 10;

/** How long a failure asks to wait. */
function paceOf(kind: VerdictKind, { baseDelay, maxDelay, jitter }: BounceRules): BackoffRules {
  // The conflicting work is over in milliseconds; what matters is not to meet it again in step.
  if (kind === 'contention') return { base: shortest, max: 1_000, jitter: 'full' };
  if (kind !== 'overload') return { base: baseDelay, max: maxDelay, jitter };
  // A full server or pool needs room, not haste; and who does not count its bounces makes a pause in any case.
  const base = Math.max(shortest, Math.min(baseDelay * 5, maxDelay));
  return { base, max: Math.max(shortest, maxDelay), jitter };
}

/**
 * Decides. Two rules stand above the caller's opinion: a cancelled shot is never bounced, and work
 * whose outcome is unknown is bounced only where doing it twice does no harm.
 */
export function decide(rules: BounceRules, situation: Situation, random: Random): Decision {
  const { verdict, opinion } = situation;
  if (verdict.kind === 'cancelled') return stop(cancelled);
  if (verdict.outcome === 'unknown' && !situation.repeatable) {
    return stop('the work may have been done, and doing it twice is not known to be harmless');
  }
  if (opinion === false) return stop('`shouldBounce` said no');
  if (verdict.kind === 'permanent' && opinion !== true) return stop('playing again cannot help');
  const counted = isCounted(rules, verdict);
  if (counted && situation.bounces >= rules.retries) {
    return stop(`all ${rules.retries} retries are used up`);
  }
  // What has no count to end it waits in its attempts too: for locks, on the server, or for a connection.
  const spent = counted ? situation.waited : Math.max(situation.waited, situation.elapsed);
  const left = rules.patience - spent;
  if (left <= 0) return stop(`the patience of ${rules.patience} ms is used up`);
  // To come back earlier than asked does harm, and later than agreed helps nobody.
  const retryAfter = situation.retryAfter > 0 ? situation.retryAfter : 0;
  if (retryAfter > Math.min(left, rules.maxDelay)) {
    return stop(
      `the server asked to wait ${retryAfter} ms, longer than patience and maxDelay allow`,
    );
  }
  const delay = Math.max(retryAfter, delayOf(rules, situation, counted, random));
  return { bounce: true, delay: Math.min(delay, left) };
}

/**
 * Whether a bounce counts against `retries`. Not after contention, which is over soon; nor while the service has no room for this
 * shot, where there is a patience to end it; nor where something else keeps the pace.
 */
export function isCounted({ patience }: BounceRules, { kind, gated }: Verdict): boolean {
  return !gated && kind !== 'contention' && (kind !== 'overload' || patience === endless);
}

function delayOf(
  rules: BounceRules,
  situation: Situation,
  counted: boolean,
  random: Random,
): Millis {
  const { kind, gated } = situation.verdict;
  if (gated) return 0;
  // The first bounce off a stale connection waits for nothing: the next connection is a new one.
  if (kind === 'stale' && situation.bounces === 0) return 0;
  const nth = counted ? situation.bounces : situation.uncounted;
  return backoff(paceOf(kind, rules), nth + 1, situation.previousDelay, random);
}
