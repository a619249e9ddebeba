import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BounceRules, decide, type Situation } from '../src/retry/decide.js';
import { verdict } from './scenario.js';

const rules: BounceRules = {
  retries: 3,
  baseDelay: 100,
  maxDelay: 30_000,
  jitter: 'none',
  patience: 10_000,
};
const fresh: Situation = {
  verdict: verdict('outage'),
  bounces: 0,
  uncounted: 0,
  previousDelay: 0,
  waited: 0,
  elapsed: 0,
  retryAfter: 0,
  repeatable: true,
  opinion: undefined,
};
const gated = { ...verdict('outage'), gated: true };
const half = (): number => 0.5;

/** A delay, or a part of the reason to stop. */
const rows: readonly [string, Partial<Situation>, number | RegExp, Partial<BounceRules>?][] = [
  ['outage, the first', {}, 100],
  ['outage, the second', { bounces: 1 }, 200],
  ['outage, the last', { bounces: 2 }, 400],
  ['outage, one too many', { bounces: 3 }, /all 3 retries/],
  ['outage, and no retries at all', {}, /all 0 retries/, { retries: 0 }],
  ['outage, and the caller says no', { opinion: false }, /shouldBounce/],
  [
    'outage, and the caller says yes, but the retries are used up',
    { bounces: 3, opinion: true },
    /retries/,
  ],
  ['the longest delay', { bounces: 20 }, 30_000, { retries: 50, patience: 1e9 }],
  ['contention: in milliseconds, with full jitter', { verdict: verdict('contention') }, 5],
  [
    'contention counts its own bounces',
    { verdict: verdict('contention'), bounces: 3, uncounted: 2 },
    20,
  ],
  ['contention is capped at a second', { verdict: verdict('contention'), uncounted: 60 }, 500],
  [
    'contention, out of patience',
    { verdict: verdict('contention'), waited: 10_000 },
    /patience of 10000 ms/,
  ],
  [
    'contention: the time of the attempts themselves counts, for they wait for locks',
    { verdict: verdict('contention'), elapsed: 10_000 },
    /patience of 10000 ms/,
  ],
  ['stale: the first at once', { verdict: verdict('stale') }, 0],
  ['stale: the second waits', { verdict: verdict('stale'), bounces: 1 }, 200],
  ['stale: it is bounded', { verdict: verdict('stale'), bounces: 3 }, /all 3 retries/],
  ['overload: five times slower', { verdict: verdict('overload') }, 500],
  [
    'overload: not slower than the longest',
    { verdict: verdict('overload') },
    300,
    { maxDelay: 300 },
  ],
  ['overload is not counted', { verdict: verdict('overload'), bounces: 3, uncounted: 1 }, 1_000],
  [
    'overload where nothing else would end it is',
    { verdict: verdict('overload'), bounces: 3 },
    /all 3 retries/,
    { patience: Number.POSITIVE_INFINITY },
  ],
  [
    'overload: the time of the attempts themselves counts, for they wait for connections',
    { verdict: verdict('overload'), elapsed: 10_000 },
    /patience of 10000 ms/,
  ],
  ['overload never spins', { verdict: verdict('overload') }, 10, { baseDelay: 0 }],
  ['gated: neither delayed nor counted', { verdict: gated, bounces: 3 }, 0],
  ['gated, out of patience', { verdict: gated, waited: 10_000 }, /patience of 10000 ms/],
  ['permanent', { verdict: verdict('permanent') }, /cannot help/],
  ['permanent, and the caller says yes', { verdict: verdict('permanent'), opinion: true }, 100],
  ['cancelled', { verdict: verdict('cancelled') }, /cancelled/],
  [
    'cancelled, and the caller says yes',
    { verdict: verdict('cancelled'), opinion: true },
    /cancelled/,
  ],
  ['unknown, repeatable', { verdict: verdict('outage', 'unknown') }, 100],
  [
    'unknown, not repeatable',
    { verdict: verdict('outage', 'unknown'), repeatable: false },
    /twice/,
  ],
  [
    'unknown, not repeatable, and the caller says yes',
    { verdict: verdict('contention', 'unknown'), repeatable: false, opinion: true },
    /twice/,
  ],
  [
    'rolled back, not repeatable',
    { verdict: verdict('outage', 'rolled-back'), repeatable: false },
    100,
  ],
  ['patience cuts the delay', { waited: 9_950 }, 50],
  ['patience used up', { waited: 10_000 }, /patience/],
  ['patience overdrawn', { waited: 12_000 }, /patience/],
  [
    'an outage may take longer than patience, as long as it was not waited for',
    { elapsed: 20_000 },
    100,
  ],
  ['endless patience', { waited: 1e12 }, 100, { patience: Number.POSITIVE_INFINITY }],
];

describe('decide', () => {
  test.each(rows)('%s', (_, situation, expected, changed = {}) => {
    const decision = decide({ ...rules, ...changed }, { ...fresh, ...situation }, half);
    if (typeof expected === 'number') expect(decision).toEqual({ bounce: true, delay: expected });
    else expect(decision).toEqual({ bounce: false, why: expect.stringMatching(expected) });
  });

  const situations = fc.record<Situation>({
    verdict: fc
      .tuple(
        fc.constantFrom('contention', 'outage', 'overload', 'stale', 'permanent', 'cancelled'),
        fc.constantFrom('not-executed', 'rolled-back', 'unknown'),
      )
      .map(([kind, outcome]) => verdict(kind, outcome)),
    bounces: fc.nat(10),
    uncounted: fc.nat(100),
    previousDelay: fc.nat(30_000),
    waited: fc.nat(12_000),
    elapsed: fc.nat(12_000),
    retryAfter: fc.constantFrom(0, -1, Number.NaN, 50, 3_000, 40_000),
    repeatable: fc.boolean(),
    opinion: fc.constantFrom(true, false, undefined),
  });

  test('whatever the caller wants, what is cancelled or could be done twice is never bounced', () => {
    fc.assert(
      fc.property(
        situations,
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (situation, chance) => {
          const decision = decide(rules, situation, () => chance);
          if (!decision.bounce) return;
          expect(situation.verdict.kind).not.toBe('cancelled');
          expect(situation.verdict.outcome === 'unknown' && !situation.repeatable).toBe(false);
          expect(situation.opinion).not.toBe(false);
          expect(situation.waited + decision.delay).toBeLessThanOrEqual(rules.patience);
          if (situation.retryAfter > 0) {
            expect(decision.delay).toBeGreaterThanOrEqual(situation.retryAfter);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('it reads and changes nothing else: the same situation, the same decision', () => {
    const situation = Object.freeze({ ...fresh, bounces: 2 });
    expect(decide(rules, situation, half)).toEqual(decide(rules, situation, half));
  });
});
