/** A scoreboard is telemetry: who listens to it hears of every decision, and changes none. */
import { onAbort } from '../cancellation.js';
import { aFunction, anAbortSignal, anyOf, checkOptions, demand } from '../invalid.js';
import type { Listening } from '../listener.js';
import { playWithin } from './around.js';
import { board } from './board.js';
import type { AttemptAround, ScoreboardEvents } from './events.js';
import { everyShotEvents, moreEvents } from './names.js';

/** Call it to stop listening, or hold it with `using`. */
export type Subscription = (() => void) & Disposable;

/** How long somebody listens. */
export interface ListenOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What there is to listen to. Packages built on this one have more events, on the same scoreboard. */
export interface Scoreboard<Events = ScoreboardEvents> {
  /**
   * Calls `listener` at each `event` of this process, in the turn in which it happens, until the
   * returned function is called or `signal` aborts. What it throws or rejects with is dropped.
   * @throws {InvalidOptionError} when there is no such event, or `listener` is not a function.
   */
  on<E extends keyof Events & string>(
    event: E,
    listener: (event: Events[E]) => void,
    options?: ListenOptions,
  ): Subscription;
  /**
   * Has each attempt played within `around`, for tracers whose span is an async context. Ends as listening does.
   * @throws {InvalidOptionError} when `around` is not a function.
   */
  around(around: AttemptAround, options?: ListenOptions): Subscription;
}

// Marked as pure, so that who does not import it does not carry it.
/** The scoreboard of this process. */
export const scoreboard: Scoreboard = /* @__PURE__ */ Object.freeze({
  on<E extends keyof ScoreboardEvents>(
    event: E,
    listener: (event: ScoreboardEvents[E]) => void,
    options: ListenOptions = {},
  ): Subscription {
    demand('event', event, anyOf(...everyShotEvents, ...moreEvents, ...board.added));
    demand('listener', listener, aFunction);
    // One of its own for each call, so that one function may listen twice.
    const own: Listening = { listener, on: true };
    const one = everyShotEvents.includes(event) ? 1 : 0;
    return listening(options, {
      begin: () => {
        board.listeners.set(event, [...(board.listeners.get(event) ?? []), own]);
        board.everyShot += one;
      },
      end: () => {
        own.on = false;
        const others = board.listeners.get(event)?.filter((one) => one !== own) ?? [];
        if (others.length === 0) board.listeners.delete(event);
        else board.listeners.set(event, others);
        board.everyShot -= one;
      },
    });
  },

  around(around: AttemptAround, options: ListenOptions = {}): Subscription {
    demand('around', around, aFunction);
    const own: AttemptAround = (event, play) => around(event, play);
    return listening(options, {
      begin: () => {
        board.around.add(own);
        board.within ??= playWithin;
        board.everyShot += 1;
      },
      end: () => {
        board.around.delete(own);
        board.everyShot -= 1;
      },
    });
  },
});

/**
 * The same scoreboard with the events that a package built on this one announces.
 * @param events their names.
 */
export function scoreboardWith<More>(
  events: readonly (keyof More & string)[],
): Scoreboard<ScoreboardEvents & More> {
  for (const event of events) board.added.add(event);
  return scoreboard as unknown as Scoreboard<ScoreboardEvents & More>;
}

function listening(
  options: ListenOptions,
  { begin, end }: { readonly begin: () => void; readonly end: () => void },
): Subscription {
  const { signal } = checkOptions(options, { signal: anAbortSignal });
  let on = signal?.aborted !== true;
  if (on) begin();
  const stop = (): void => {
    if (!on) return;
    on = false;
    leave();
    end();
  };
  const leave = onAbort(on ? signal : undefined, stop);
  return Object.assign(stop, { [Symbol.dispose]: stop });
}
