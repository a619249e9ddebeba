/** A settlement is what was found out about a COMMIT whose answer was lost. */
import { processWide } from '@carom/core';
import type { Ticket } from './ticket.js';

/** What became of the transaction, and how that is known. */
export interface Settlement {
  readonly outcome: 'committed' | 'rolled-back' | 'unknown';
  /** One line for a person. */
  readonly reason: string;
  /** Where asking again may give another answer. */
  readonly ticket?: Ticket | undefined;
}

/** One look of the resolver: settled, or not yet. */
export type Look =
  | Settlement
  | {
      /** Why it is not settled yet. */
      readonly pending: string;
      /** Whether the server has the transaction, and is at work on it. */
      readonly running?: boolean;
    };

// By error object: Prisma wraps the errors of its adapter, and keeps them.
const settlements = (): WeakMap<object, Settlement> =>
  processWide('settlements', () => new WeakMap<object, Settlement>());

/** Notes what was found out about the COMMIT that failed with `error`. */
export function recordSettlement(error: unknown, settlement: Settlement): void {
  if (typeof error === 'object' && error !== null) settlements().set(error, settlement);
}

/** What was found out about the COMMIT behind `error`, or behind an error that it wraps. */
export function settlementOf(error: unknown): Settlement | undefined {
  let current = error;
  for (let level = 0; level < 10; level++) {
    if (typeof current !== 'object' || current === null) return undefined;
    const found = settlements().get(current);
    if (found !== undefined) return found;
    const { meta, cause } = current as {
      readonly meta?: { readonly driverAdapterError?: unknown } | null;
      readonly cause?: unknown;
    };
    current = meta?.driverAdapterError ?? cause;
  }
  return undefined;
}
