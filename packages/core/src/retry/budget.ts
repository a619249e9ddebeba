/** A budget bounds the retries of all shots together, so that an outage does not meet a multiple of the load. */
import { type Clock, endless, type Millis } from '../clock.js';
import { aNumber, anyOf, type Checks, milliseconds } from '../invalid.js';
import { checkNamed, clockOf } from '../named.js';
import { Rolling } from '../rolling.js';
import { Turns } from './turns.js';

/** Contention is paid from an account of its own: deadlocks do not use up what an outage will need. */
export type BudgetKind = 'outage' | 'contention';

/** The options of a budget. */
export interface BudgetOptions {
  /** Bounces (retries) per shot begun in the last `lastMs`; 0 for none by this. Default 0.2. */
  readonly ratio?: number | undefined;
  /** And so many a second, for those who have only begun, or shoot seldom. Default 10. */
  readonly perSecond?: number | undefined;
  /** How long a shot counts, in ms. Default 1,000. */
  readonly lastMs?: Millis | undefined;
  /**
   * What becomes of a bounce that there is nothing left for: `'stop'` ends its shot, `'wait'` has it take its
   * turn after those that wait already, as many as are earned, as far as its patience goes; after contention two are
   * played at a time, the next when one of them is over, and `perSecond` if that lasts longer. Default `'stop'`.
   */
  readonly whenSpent?: 'stop' | 'wait' | undefined;
}

const checks = (): Checks => ({
  // 1,000 is what Finagle and tower allow.
  ratio: aNumber(0, 1_000),
  perSecond: aNumber(0, 1_000_000),
  lastMs: milliseconds(10, 86_400_000),
  whenSpent: anyOf('stop', 'wait'),
});

const buckets = 20;

/**
 * A retry budget, after Finagle's `RetryBudget` and tower's `TpsBudget`: 20 % of recent shots and 10 a
 * second are their defaults too. Theirs counts ten seconds; what a busy service saves up in those is a
 * burst above its capacity when errors begin (simulated: two openings of a cushion in 10 s of 30 %
 * errors, none with one second). Contention and outage are counted apart.
 *
 * Whenever a bounce is granted, no more of its kind, itself among them, were granted in the last
 * `lastMs` than `ratio * (shots + 64) + perSecond * lastMs / 1_000`, where `shots` are those begun in
 * the same time. The 64 are the tolerance of counting without a clock; one that is granted less than
 * it might be has met the width of a bucket, a twentieth of `lastMs`. With `whenSpent: 'wait'` those that wait for their turn
 * come beside them, as evenly as they are earned: at most as many again.
 */
export class Budget {
  readonly name: string;
  readonly ratio: number;
  readonly perSecond: number;
  readonly lastMs: Millis;
  readonly whenSpent: 'stop' | 'wait';
  /** How contention is bounded where it is not counted. */
  readonly turns: Turns | undefined;
  readonly #clock: Clock;
  readonly #shots: Rolling;
  readonly #spent: Readonly<Record<BudgetKind, Rolling>>;
  /** When the last of those that wait has its turn; contention never waits for it. */
  #lastTurn: Millis = -endless;

  /** @throws {InvalidOptionError} naming the option as `budget.<option>`. */
  constructor(
    name: string = 'budget',
    options: BudgetOptions = {},
    source: { readonly clock?: Clock | undefined } = {},
  ) {
    const read = checkNamed('budget', name, options, checks());
    const { ratio = 0.2, perSecond = 10, lastMs = 1_000, whenSpent = 'stop' } = read;
    this.name = name;
    this.ratio = ratio;
    this.perSecond = perSecond;
    this.lastMs = lastMs;
    this.whenSpent = whenSpent;
    const clock = clockOf('budget', source);
    this.turns = whenSpent === 'wait' ? new Turns(clock, 1_000 / perSecond) : undefined;
    this.#clock = clock;
    this.#shots = new Rolling(lastMs, buckets);
    // One bucket more, so that what was spent counts for `lastMs` at least, and a shot at most so long.
    const spent = (): Rolling => new Rolling((lastMs / buckets) * (buckets + 1), buckets + 1);
    this.#spent = { outage: spent(), contention: spent() };
  }

  /** A shot began. */
  deposit(): void {
    this.#shots.count(this.#clock);
  }

  /** Whether one bounce more may be played; then it is counted. `now` is by the budget's clock. */
  spend(now: Millis, kind: BudgetKind): boolean {
    if (this.available(now, kind) < 1) return false;
    this.#spent[kind].add(now, 1);
    return true;
  }

  /**
   * How long one bounce more has to wait, in ms; 0 when it may be played now, `undefined` when it may not be
   * played at all, or only after more than `most`. Then it is not counted.
   */
  wait(now: Millis, kind: BudgetKind, most: Millis): Millis | undefined {
    if (!this.counts(kind)) return 0;
    const last = this.#lastTurn;
    // Who comes now does not overtake those who wait.
    if (last <= now && this.spend(now, kind)) return 0;
    const turn = Math.max(now, last) + this.lastMs / this.#earned(now);
    // Where nothing is earned there is no turn to wait for, however patient anybody is.
    if (this.whenSpent === 'stop' || turn === endless || !(turn - now <= most)) return undefined;
    this.#lastTurn = turn;
    return turn - now;
  }

  /** Whether bounces of that kind are counted, and do not take turns. */
  counts(kind: BudgetKind): boolean {
    return kind === 'outage' || this.turns === undefined;
  }

  /** How many bounces may be played now. */
  available(now: Millis, kind: BudgetKind): number {
    // The shares of a shot in several buckets may sum up to a little less than the shot.
    return Math.max(0, Math.floor(this.#earned(now) - this.#spent[kind].sum(now) + 1e-6));
  }

  /** In the last `lastMs`. */
  #earned(now: Millis): number {
    return this.ratio * this.#shots.sum(now) + (this.perSecond * this.lastMs) / 1_000;
  }
}
