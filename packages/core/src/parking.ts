/** Parking is waiting to be let in: a queue at an open cushion (circuit breaker) or a full gate. */
import { onAbort } from './cancellation.js';
import { type Clock, endless, type Millis } from './clock.js';

/** A permit: proof that a cushion let a shot in, and in which epoch of its. Never 0. */
export type Permit = number;

/** In place of a permit where nobody gets one: like none that anybody holds, 0 among them. */
export const nobody: Permit = -1;

interface Parked {
  readonly admit: (permit: Permit) => void;
  readonly refuse: (error: unknown) => void;
}

/** The shots that wait, first come first served. */
export class Parking {
  readonly #clock: Clock;
  readonly #empty: () => void;
  readonly #waiting: Set<Parked> = new Set();

  /** `empty` is called whenever the last one has left, for whatever reason. */
  constructor(clock: Clock, empty: () => void) {
    this.#clock = clock;
    this.#empty = empty;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Waits to be admitted.
   * @throws what `late` returns after `patience` ms; the signal's reason when it aborts; or what
   * `refuseAll` was given.
   */
  wait(patience: Millis, signal: AbortSignal | undefined, late: () => Error): Promise<Permit> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(parked);
        timer?.cancel();
        stopListening();
        if (this.#waiting.size === 0) this.#empty();
      };
      const parked: Parked = {
        admit: (permit) => {
          leave();
          resolve(permit);
        },
        refuse: (error) => {
          leave();
          reject(error as Error);
        },
      };
      const stopListening = onAbort(signal, () => parked.refuse(signal?.reason));
      const timer =
        patience === endless ? undefined : this.#clock.after(patience, () => parked.refuse(late()));
      this.#waiting.add(parked);
    });
  }

  /** Lets the longest waiting in; false when nobody waits. */
  admitNext(permit: Permit): boolean {
    for (const parked of this.#waiting) {
      parked.admit(permit);
      return true;
    }
    return false;
  }

  /** Sends everybody away. */
  refuseAll(error: () => unknown): void {
    for (const parked of [...this.#waiting]) parked.refuse(error());
  }
}
