/** A gate lets attempts through, at once or after waiting: a compartment (bulkhead), a throttle (rate limit). */
import type { Millis } from './clock.js';
import type { Parking } from './parking.js';

/**
 * Enters, after waiting in `queue` where that is allowed.
 * @param waits called when it begins to.
 */
export async function enterGate(
  gate: Pick<Gate, 'tryEnter' | 'mayWait' | 'refusal'>,
  queue: Parking,
  patience: Millis,
  signal: AbortSignal | undefined,
  waits?: () => void,
): Promise<void> {
  if (signal?.aborted) throw signal.reason;
  if (gate.tryEnter()) return;
  if (!gate.mayWait(patience)) throw gate.refusal();
  const turn = queue.wait(patience, signal, () => gate.refusal());
  waits?.();
  await turn;
}

/** What an attempt passes between the cushion and the work. Each `leave` follows one entering. */
export interface Gate {
  /** Enters where that is possible at once, and nobody else waits. */
  tryEnter(): boolean;
  /**
   * Enters, after waiting for at most `patience` ms where that is allowed.
   * @throws its own error when it does not let the attempt in; the signal's reason when that aborts.
   */
  enter(patience: Millis, signal: AbortSignal | undefined): Promise<void>;
  /** Whether `enter` would wait, where `tryEnter` did not let the attempt in. */
  mayWait(patience: Millis): boolean;
  /** The error for an attempt that cannot wait. */
  refusal(): Error;
  /** The attempt is over. */
  leave(): void;
}
