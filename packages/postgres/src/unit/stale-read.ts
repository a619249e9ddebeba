/** A stale read is what a replica still knows while the circuit of the primary is open (fallback). */
import { type Cushion, isCaromError } from '@carom/core';

/**
 * Reads from the primary, or from the replica while nothing is sent to the primary. What may be asked of a replica is for the
 * caller to know: only what is provably a read.
 */
export async function orStale<T>(
  cushion: Cushion | undefined,
  primary: () => PromiseLike<T>,
  replica: () => PromiseLike<T>,
): Promise<T> {
  // Not parked: whoever takes a stale answer wants it now.
  if (cushion?.state === 'open') return await replica();
  try {
    return await primary();
  } catch (error) {
    if (isCaromError(error) && error.code === 'CAROM_CIRCUIT_OPEN') return await replica();
    throw error;
  }
}
