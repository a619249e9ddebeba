/** An entry is one write and what was said of it: the claim by which the database is judged. */
import type { Outcome } from '@carom/core';

/**
 * What is claimed of a write. `acknowledged`: done. `not-executed`, `rolled-back`, `unknown` and `committed`: it failed, and
 * `outcomeOf(error)` says so. `unclaimed`: it failed, and the error says nothing. `pending`: nobody has said anything.
 */
export type Claim = 'acknowledged' | Outcome | 'unclaimed' | 'pending';

/** How often a write may be found. */
export type Expectation = 'once' | 'absent' | 'at most once';

/** What each claim promises. */
export const promises: Readonly<Record<Claim, Expectation>> = {
  acknowledged: 'once',
  // The error came after the commit: the write was reported as done all the same.
  committed: 'once',
  'not-executed': 'absent',
  'rolled-back': 'absent',
  unknown: 'at most once',
  // Nothing was claimed, but a write is never applied twice.
  unclaimed: 'at most once',
  pending: 'at most once',
};
