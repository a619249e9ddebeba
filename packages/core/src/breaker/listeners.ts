/** Who hears of a cushion's (circuit breaker's) changes of state: its own listeners, then the scoreboard. */
import type { Millis } from '../clock.js';
import { aFunction, demand } from '../invalid.js';
import { type Listening, tellAll } from '../listener.js';
import { announce, isHeard } from '../telemetry/announce.js';
import type { ScoreboardEvent } from '../telemetry/events.js';
import type { CushionState, Event } from './transitions.js';

/** Told of each change of state; what it throws is dropped. */
export type CircuitListener = (state: CushionState, previous: CushionState) => void;

const events = {
  closed: 'circuitClosed',
  open: 'circuitOpened',
  'half-open': 'circuitHalfOpened',
  isolated: 'circuitIsolated',
} as const satisfies Record<CushionState, ScoreboardEvent>;

/** By what changed its state. */
const reasons: Partial<Record<Event['type'], string>> = {
  trip: 'too many failures',
  knock: 'a probe goes in',
  'probe-ok': 'a probe succeeded',
  'probe-failed': 'a probe failed',
  answered: 'the prober was answered',
};

/** What is told of a circuit; when to ask again only where somebody listens. */
interface Told {
  readonly name: string;
  readonly state: CushionState;
  readonly retryAfter: Millis;
}

/** The listeners of one circuit. */
export interface CircuitListeners {
  /** Returns how to stop listening. @throws {InvalidOptionError} when it is no function. */
  add(listener: CircuitListener): () => void;
  /** What is changed by who is told of a change is told when all have heard of the first. */
  tell(circuit: Told, previous: CushionState, cause: Event['type']): void;
}

export function circuitListeners(): CircuitListeners {
  // Never changed, but put another one in its place, so that it can be walked as it is.
  let all: readonly Listening[] = [];
  // Changes that nobody has heard of yet; the first is being told.
  const untold: (() => void)[] = [];
  return {
    add(listener) {
      demand('listener', listener, aFunction);
      // One of its own for each call, so that one function may listen twice.
      const own: Listening = { listener, on: true };
      all = [...all, own];
      return () => {
        own.on = false;
        all = all.filter((one) => one !== own);
      };
    },

    tell(circuit, previous, cause) {
      const { name: datasource, state } = circuit;
      const event = events[state];
      if (all.length === 0 && !isHeard(event)) return;
      const { retryAfter } = circuit;
      const why = reasons[cause] ?? 'by hand';
      const told = { datasource, previous, retryAfter, decision: state, why };
      const tell = (): void => {
        tellAll(all, state, previous);
        announce(event, () => told);
      };
      if (untold.push(tell) > 1) return;
      // Those that are added meanwhile too.
      for (const next of untold) next();
      untold.length = 0;
    },
  };
}
