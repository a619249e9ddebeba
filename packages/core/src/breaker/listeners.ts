/** Who hears of a cushion's (circuit breaker's) changes of state: its own listeners, then the scoreboard. */
import { tell } from '../listener.js';
import { announce } from '../telemetry/announce.js';
import type { CircuitEvent, ScoreboardEvent } from '../telemetry/events.js';
import type { CushionState } from './transitions.js';

/** Told of each change of state; what it throws is dropped. */
export type CircuitListener = (state: CushionState, previous: CushionState) => void;

const events = {
  closed: 'circuitClosed',
  open: 'circuitOpened',
  'half-open': 'circuitHalfOpened',
  isolated: 'circuitIsolated',
} as const satisfies Record<CushionState, ScoreboardEvent>;

/** The listeners of one circuit. */
export class CircuitListeners {
  readonly #all = new Set<CircuitListener>();

  /** Returns how to stop listening. */
  add(listener: CircuitListener): () => void {
    // One of its own for each call, so that one function may listen twice.
    const own: CircuitListener = (...change) => listener(...change);
    this.#all.add(own);
    return () => {
      this.#all.delete(own);
    };
  }

  tell(state: CushionState, previous: CushionState, detail: () => CircuitEvent): void {
    // Who begins to listen meanwhile hears of the next one; who stops, not even of this one.
    for (const listener of this.#all.size === 0 ? [] : [...this.#all]) {
      if (this.#all.has(listener)) tell(listener, state, previous);
    }
    announce(events[state], detail);
  }
}
