/** A scoreboard is telemetry: who listens to it hears of every decision, and changes none. */
import { onAbort } from '../cancellation.js';
import { aFunction, anAbortSignal, anyOf, checkOptions, invalid } from '../invalid.js';
import { board } from './announce.js';
import type { ScoreboardEvent, ScoreboardListener } from './events.js';

/** Call it to stop listening, or hold it with `using`. */
export type Subscription = (() => void) & Disposable;

/** What there is to listen to. */
export interface Scoreboard {
  /**
   * Calls `listener` at each `event` of this process, in the turn in which it happens, until the
   * returned function is called or `signal` aborts. What it throws or rejects with is dropped.
   * @throws {InvalidOptionError} when there is no such event, or `listener` is not a function.
   */
  on<E extends ScoreboardEvent>(
    event: E,
    listener: ScoreboardListener<E>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Subscription;
}

/** They tell how long a shot took, so that each reads a clock while somebody listens to them. */
const everyShot: readonly ScoreboardEvent[] = ['shotStarted', 'shotCompleted', 'shotFailed'];

const anEvent = anyOf(
  ...everyShot,
  'shotRetry',
  'shotTimeout',
  'shotParked',
  'shotReleased',
  'shotRejected',
  'budgetExhausted',
  'fallbackUsed',
  'circuitOpened',
  'circuitHalfOpened',
  'circuitClosed',
  'circuitIsolated',
);

/** The scoreboard of this process. */
export const scoreboard: Scoreboard = Object.freeze({
  on<E extends ScoreboardEvent>(
    event: E,
    listener: ScoreboardListener<E>,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Subscription {
    check('event', event, anEvent(event));
    check('listener', listener, aFunction(listener));
    checkOptions(options, { signal: anAbortSignal });
    const { signal } = options;
    const listeners = board.listeners.get(event) ?? new Set();
    // A listener of its own for each call, so that one function may listen twice.
    const own: ScoreboardListener<E> = (detail) => listener(detail);
    let listening = signal?.aborted !== true;
    if (listening) {
      listeners.add(own);
      board.listeners.set(event, listeners);
      if (everyShot.includes(event)) board.everyShot += 1;
    }
    const stop = (): void => {
      if (!listening) return;
      listening = false;
      leave();
      listeners.delete(own);
      if (listeners.size === 0) board.listeners.delete(event);
      if (everyShot.includes(event)) board.everyShot -= 1;
    };
    const leave = onAbort(listening ? signal : undefined, stop);
    return Object.assign(stop, { [Symbol.dispose]: stop });
  },
});

function check(option: string, value: unknown, allowed: string | undefined): void {
  if (allowed !== undefined) throw invalid(option, value, allowed);
}
