/** The rules of a cushion (circuit breaker): when it opens, for how long, and who waits. */
import { endless, type Millis } from '../clock.js';
import {
  anyOf,
  type Checks,
  checkOptions,
  fraction,
  invalid,
  milliseconds,
  wholeNumber,
} from '../invalid.js';

/** What a cushion does with a shot while it is open. */
export type WhenOpen = 'reject' | 'park';

/** The options of a cushion: a count window, or a time window with a ratio; the ratio by default. */
export interface CushionOptions {
  /** Count window: opens at this many failures … Default: half of `lastCalls`. */
  readonly failures?: number | undefined;
  /** … among this many last calls; it need not be full. Default 10. */
  readonly lastCalls?: number | undefined;
  /** Time window: opens at this share of failures … Default 0.5. */
  readonly ratio?: number | undefined;
  /** … of the calls of the last so many ms … Default 10,000. */
  readonly lastMs?: Millis | undefined;
  /**
   * … once there are at least so many. Among few calls the share must be higher, so that chance does
   * not open it: all of 10, 17 of 20, half of 140. So many failures and no success are always
   * enough, and so are twice as many in a row, whatever the window holds. Default 10.
   */
  readonly minimum?: number | undefined;
  /** A call that is answered, but takes so many ms or more, counts as a failure. Default: no limit. */
  readonly slowAfter?: Millis | undefined;
  /** How long it stays open before a probe may pass, in ms. Default 30,000. */
  readonly halfOpenAfter?: Millis | undefined;
  /** Each failed probe doubles that time, up to this, in ms. Default: ten times `halfOpenAfter`. */
  readonly halfOpenMax?: Millis | undefined;
  /** Probes at a time while half-open; shots inside one of them, on the same circuit, belong to it. Default 1. */
  readonly probes?: number | undefined;
  /** A probe that has not answered in so many ms gives its place to another. Default 10,000. */
  readonly probeLease?: Millis | undefined;
  /** `'reject'` fails fast, `'park'` lets shots that have patience wait. Default `'reject'`. */
  readonly whenOpen?: WhenOpen | undefined;
  /** How many may wait; the next one is rejected. Default 1,000. */
  readonly maxParked?: number | undefined;
}

/** The same, validated and complete. */
export interface CushionRules {
  readonly window:
    | { readonly kind: 'count'; readonly failures: number; readonly lastCalls: number }
    | {
        readonly kind: 'time';
        readonly ratio: number;
        readonly lastMs: Millis;
        readonly minimum: number;
      };
  readonly slowAfter: Millis;
  readonly halfOpenAfter: Millis;
  readonly halfOpenMax: Millis;
  readonly probes: number;
  readonly probeLease: Millis;
  readonly whenOpen: WhenOpen;
  readonly maxParked: number;
}

const checks: Checks = {
  failures: wholeNumber(1, 10_000),
  lastCalls: wholeNumber(1, 10_000),
  ratio: fraction,
  lastMs: milliseconds(10, 86_400_000),
  minimum: wholeNumber(1),
  slowAfter: milliseconds(0),
  halfOpenAfter: milliseconds(1, 86_400_000),
  halfOpenMax: milliseconds(1, 86_400_000),
  probes: wholeNumber(1, 1_000),
  probeLease: milliseconds(1, 86_400_000),
  whenOpen: anyOf('reject', 'park'),
  maxParked: wholeNumber(0),
};

const defaults = {
  lastCalls: 10,
  ratio: 0.5,
  lastMs: 10_000,
  minimum: 10,
  slowAfter: endless,
  halfOpenAfter: 30_000,
  probes: 1,
  probeLease: 10_000,
  whenOpen: 'reject',
  maxParked: 1_000,
} as const satisfies CushionOptions;

type Given = { [Name in keyof CushionOptions]?: Exclude<CushionOptions[Name], undefined> };

/**
 * Validates and completes.
 * @throws {InvalidOptionError} naming the option as `cushion.<option>`.
 */
export function cushionRules(options: CushionOptions): CushionRules {
  // None of them is `undefined` any more.
  const own = checkOptions(options, checks, 'cushion.') as Given;
  const { lastCalls, ratio, lastMs, minimum, halfOpenAfter, ...all } = { ...defaults, ...own };
  const { failures = Math.ceil(lastCalls / 2), halfOpenMax = halfOpenAfter * 10, ...others } = all;
  const counts = 'failures' in own || 'lastCalls' in own;
  const other = (['ratio', 'lastMs', 'minimum'] as const).find((name) => name in own);
  if (counts && other) {
    const both = 'either failures and lastCalls, or ratio, lastMs and minimum, not both';
    throw invalid(`cushion.${other}`, own[other], both);
  }
  if (failures > lastCalls) {
    const allowed = `a whole number from 1 to lastCalls (${lastCalls})`;
    throw invalid('cushion.failures', failures, allowed);
  }
  if (halfOpenMax < halfOpenAfter) {
    throw invalid('cushion.halfOpenMax', halfOpenMax, `at least halfOpenAfter (${halfOpenAfter})`);
  }
  const window: CushionRules['window'] = counts
    ? { kind: 'count', failures, lastCalls }
    : { kind: 'time', ratio, lastMs, minimum };
  return Object.freeze({ window: Object.freeze(window), halfOpenAfter, halfOpenMax, ...others });
}
