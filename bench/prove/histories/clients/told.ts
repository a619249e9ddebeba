/** What an outcome tells the caller of a unit. */
import type { Outcome } from '@carom/core';
import type { Told } from '../checker/history.js';

/** Undefined for an error that claims nothing. */
export function told(outcome: Outcome | undefined): Told | undefined {
  return outcome === 'not-executed' ? 'rolled-back' : outcome;
}
