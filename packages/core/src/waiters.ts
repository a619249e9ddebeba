/** The waiters of one client are its shots that wait: parked, queued at a gate, or between two attempts (retry). */
import { onAbort } from './cancellation.js';
import { aFunction, demand } from './invalid.js';

/** One shot while it is among them. */
export interface Waiter {
  /** Ends its waiting. */
  readonly signal: AbortSignal;
  /** It does not wait any more. */
  leave(): void;
}

/** What a client hands to its strategy, so that its closing ends the waiting, and nobody else's. */
export class Waiters {
  readonly #all: Set<AbortController> = new Set();
  readonly #closed: () => Error | undefined;

  /** @param closed why nobody may wait any more; asked of each who begins to. Default: everybody may. */
  constructor(closed: () => Error | undefined = () => undefined) {
    demand('closed', closed, aFunction);
    this.#closed = closed;
  }

  get size(): number {
    return this.#all.size;
  }

  /** A signal that aborts with the caller's own, or when all are sent away. */
  join(own: AbortSignal | undefined): Waiter {
    const controller = new AbortController();
    const { signal } = controller;
    const end = (): void => controller.abort(own?.reason);
    const stopListening = onAbort(own, end);
    if (own?.aborted) end();
    const reason = this.#closed();
    if (reason !== undefined) controller.abort(reason);
    this.#all.add(controller);
    const leave = (): void => {
      stopListening();
      this.#all.delete(controller);
    };
    return { signal, leave };
  }

  /** Ends all waiting, each with an error of its own. What is being played goes on. */
  sendAway(reason: () => Error): void {
    demand('reason', reason, aFunction);
    for (const controller of [...this.#all]) controller.abort(reason());
  }
}
