import { describe, expect, test } from '@jest/globals';
import { closed, type Event, type State, step } from '../src/breaker/transitions.js';

const rules = { halfOpenAfter: 1_000, halfOpenMax: 5_000, probes: 2, probeLease: 300 };
const isolated: State = { at: 'isolated' };
const open: State = { at: 'open', until: 500, failed: 1 };
const half = (out: number, lease = 900, round = 0): State => ({
  at: 'half-open',
  failed: 1,
  out,
  lease,
  round,
});
const knock = (now: number) => ({ type: 'knock', now }) as const;
const trip: Event = { type: 'trip', now: 100, chance: 0.5 };
const probeFailed: Event = { type: 'probe-failed', now: 100, chance: 0.5 };
const ok: Event = { type: 'probe-ok' };
const gone: Event = { type: 'probe-gone' };
const isolate: Event = { type: 'isolate' };
const close: Event = { type: 'close' };

/** `same` is the same object: nothing changed. */
const rows: readonly [string, State, Event, State | 'same'][] = [
  [
    'closed, trip: opens for halfOpenAfter, without chance',
    closed,
    trip,
    { at: 'open', until: 1_100, failed: 0 },
  ],
  ['closed, knock', closed, knock(0), 'same'],
  ['closed, probe-ok of an older time', closed, ok, 'same'],
  ['closed, probe-failed of an older time', closed, probeFailed, 'same'],
  ['closed, probe-gone of an older time', closed, gone, 'same'],
  ['closed, isolate', closed, isolate, isolated],
  ['closed, close', closed, close, 'same'],

  ['open, trip: a late failure does not make it longer', open, trip, 'same'],
  ['open, knock too early', open, knock(499), 'same'],
  ['open, knock in time: the first probe', open, knock(500), half(1, 800)],
  ['open, probe-ok', open, ok, 'same'],
  ['open, probe-failed', open, probeFailed, 'same'],
  ['open, probe-gone', open, gone, 'same'],
  ['open, isolate', open, isolate, isolated],
  ['open, close', open, close, closed],

  ['half-open, trip', half(1), trip, 'same'],
  ['half-open, knock at a free place', half(1), knock(700), half(2, 1_000)],
  ['half-open, knock after one was given back', half(0), knock(600), half(1, 900)],
  ['half-open, knock at a full house', half(2), knock(899), 'same'],
  ['half-open, knock after the lease: a new round', half(2), knock(900), half(1, 1_200, 1)],
  ['half-open, knock of who is part of a probe', half(2), { ...knock(899), inner: true }, half(3)],
  [
    'half-open, knock of who is part of one, at a free place',
    half(1),
    { ...knock(899), inner: true },
    half(2, 1_199),
  ],
  [
    'half-open, knock of who is part of one, after the lease',
    half(3),
    { ...knock(900), inner: true },
    half(1, 1_200, 1),
  ],
  ['half-open, probe-gone of one too many', half(3), gone, half(2)],
  ['half-open, the same in a later round', half(2, 900, 3), knock(2_000), half(1, 2_300, 4)],
  ['half-open, probe-ok', half(2), ok, closed],
  [
    'half-open, probe-failed: longer, less chance',
    half(2),
    probeFailed,
    { at: 'open', until: 3_700, failed: 2 },
  ],
  ['half-open, probe-gone', half(2), gone, half(1)],
  ['half-open, probe-gone of nobody', half(0), gone, 'same'],
  ['half-open, isolate', half(1), isolate, isolated],
  ['half-open, close', half(1), close, closed],

  ['isolated, trip', isolated, trip, 'same'],
  ['isolated, knock', isolated, knock(1e9), 'same'],
  ['isolated, probe-ok', isolated, ok, 'same'],
  ['isolated, probe-failed', isolated, probeFailed, 'same'],
  ['isolated, probe-gone', isolated, gone, 'same'],
  ['isolated, isolate', isolated, isolate, isolated],
  ['isolated, close', isolated, close, closed],
];

describe('the transitions of a cushion', () => {
  test.each(rows)('%s', (_, state, event, expected) => {
    const next = step(Object.freeze(state), event, rules);
    if (expected === 'same') expect(next).toBe(state);
    else expect(next).toEqual(expected);
  });

  test.each([Number.NaN, -1, 1, Number.POSITIVE_INFINITY])('a chance of %d is none', (chance) => {
    const next = step(half(1), { ...probeFailed, chance } as Event, rules);
    expect(next).toEqual({ at: 'open', until: 4_100, failed: 2 });
  });

  test('each state meets each event in the table', () => {
    const met = new Set(rows.map(([, state, event]) => `${state.at} ${event.type}`));
    expect(met.size).toBe(4 * 7);
  });

  test.each([
    [0, 2_000],
    [1, 4_000],
    [2, 5_000],
    [5_000, 5_000],
  ])(
    'after %d failed probes more: open for %d ms at most, and a fifth less at least',
    (failed, wait) => {
      const until = (chance: number): number => {
        const state: State = { at: 'half-open', failed, out: 1, lease: 0, round: 0 };
        const next = step(state, { type: 'probe-failed', now: 0, chance }, rules);
        return next.at === 'open' ? next.until : Number.NaN;
      };
      expect(until(0)).toBe(wait);
      expect(until(0.5)).toBeCloseTo(wait * 0.9);
      expect(until(0.999_999)).toBeGreaterThan(wait * 0.8);
    },
  );
});
