/** A prober asks a service itself whether it is back, so that no shot has to find out for the cushion (circuit breaker). */
import type { Millis } from '../clock.js';
import { tell } from '../listener.js';

/** What a circuit needs of it. When the service is back it calls `circuit.answered()`. */
export interface Prober {
  /** The circuit is open: begin to ask. */
  start(): void;
  /** It is not open any more, or somebody else asks. */
  stop(): void;
  /** When asking again makes sense, in ms from now. */
  readonly retryAfter: Millis;
}

/** A circuit's prober, while it has one. What that throws is its own: no shot hears of it. */
export class Asking {
  prober: Prober | undefined;
  #begins = false;

  begin(): void {
    this.#begins = true;
    if (this.prober !== undefined) tellProber(this.prober, 'start');
    this.#begins = false;
  }

  end(): void {
    if (this.prober !== undefined) tellProber(this.prober, 'stop');
  }

  /** Whether the answer came while it was begun; then it is told again: who listens hears of the opening first. */
  isEarly(circuit: { answered(): void }): boolean {
    if (this.#begins) queueMicrotask(() => circuit.answered());
    return this.#begins;
  }
}

// Apart, since a closure over a variable costs an allocation where there is no prober, too.
function tellProber(prober: Prober, what: 'start' | 'stop'): void {
  tell(() => prober[what]());
}
