/** A rest is taken by who would ask a server again and again, while somebody else finds out whether it can be asked. */
import type { Cushion, Millis } from '@carom/core';
import type { SlowStart } from '../connection/slow-start.js';

/** When to rest, and until when. */
export interface Rest {
  /** How long to wait at most before asking again, in ms; 0 while there is no reason to. */
  readonly delay: Millis;
  /** Calls `wake` when that may have changed, until the returned function is called. */
  onEnd(wake: () => void): () => void;
}

/** Not for ever: a circuit (breaker) may be kept open by its settings. As seldom as an old outage's prober asks. */
const whileOpen: Millis = 5_000;
/** Nobody else may want a connection of a server that is full. */
const whileFull: Millis = 1_000;

/** While the circuit is open, or connecting is slowed. */
export function restOf(cushion: Cushion | undefined, slowStart: SlowStart): Rest {
  return {
    get delay() {
      if (cushion?.state === 'open') return whileOpen;
      return slowStart.active ? whileFull : 0;
    },
    onEnd(wake) {
      const stop = cushion?.onChange(wake);
      slowStart.listeners.add(wake);
      return () => {
        stop?.();
        slowStart.listeners.delete(wake);
      };
    },
  };
}
