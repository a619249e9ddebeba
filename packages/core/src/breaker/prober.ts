/** A prober asks a service itself whether it is back, so that no shot has to find out for the cushion (circuit breaker). */
import type { Millis } from '../clock.js';

/** What a circuit needs of it. When the service is back it calls `circuit.answered()`. */
export interface Prober {
  /** The circuit is open: begin to ask. */
  start(): void;
  /** It is not open any more, or somebody else asks. */
  stop(): void;
  /** When asking again makes sense, in ms from now. */
  readonly retryAfter: Millis;
}
