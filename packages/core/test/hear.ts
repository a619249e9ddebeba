/** Listens to all that the scoreboard has to tell. */
import {
  Cushion,
  createStrategy,
  decided,
  type Scoreboard,
  type ScoreboardEvent,
  type ScoreboardEvents,
  type Strategy,
  type StrategyOptions,
  scoreboard,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';

const all: Readonly<Record<ScoreboardEvent, true>> = {
  shotStarted: true,
  attemptStarted: true,
  attemptEnded: true,
  shotRetry: true,
  shotCompleted: true,
  shotFailed: true,
  shotTimeout: true,
  shotParked: true,
  shotReleased: true,
  shotRejected: true,
  budgetExhausted: true,
  fallbackUsed: true,
  circuitOpened: true,
  circuitHalfOpened: true,
  circuitClosed: true,
  circuitIsolated: true,
};

export const events: readonly ScoreboardEvent[] = Object.keys(all) as ScoreboardEvent[];

/** What there is to tell of each attempt, which most tests have no need of. */
const ofAttempts: readonly ScoreboardEvent[] = ['attemptStarted', 'attemptEnded'];

/** What was told, and when; the error, which the event itself does not show, laid open. */
export interface Heard {
  readonly event: ScoreboardEvent;
  readonly at: number;
  readonly detail: ScoreboardEvents[ScoreboardEvent];
}

/** Everything that is told until it is disposed of. */
export class Ear implements Disposable {
  readonly heard: Heard[] = [];
  /** The events themselves. */
  readonly told: ScoreboardEvents[ScoreboardEvent][] = [];
  readonly #stops: readonly (() => void)[];

  constructor(
    clock?: ManualClock,
    names: readonly ScoreboardEvent[] = events.filter((event) => !ofAttempts.includes(event)),
  ) {
    this.#stops = names.map((event) =>
      scoreboard.on(event, (told) => {
        const detail = 'error' in told ? { ...told, error: told.error } : told;
        this.told.push(told);
        this.heard.push({ event, at: clock?.now() ?? 0, detail });
      }),
    );
  }

  get names(): readonly ScoreboardEvent[] {
    return this.heard.map(({ event }) => event);
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stops) stop();
  }
}

/** A strategy to listen to, of which all is told until `ear` is disposed of. */
export function heardStrategy(
  options: StrategyOptions = {},
  clock: ManualClock = new ManualClock(1_000),
): { clock: ManualClock; cushion: Cushion; strategy: Strategy; ear: Ear } {
  const cushion = new Cushion('orders-db', { failures: 3, halfOpenAfter: 500 }, { clock });
  const strategy = createStrategy({ clock, cushion, jitter: false, ...options });
  return { clock, cushion, strategy, ear: new Ear(clock) };
}

/** `scoreboard.on`, and the means to end all that it began. */
export function subscriptions(): { readonly on: Scoreboard['on']; readonly stopAll: () => void } {
  const stops: (() => void)[] = [];
  return {
    on: (...args) => {
      const stop = scoreboard.on(...args);
      stops.push(stop);
      return stop;
    },
    stopAll: () => {
      for (const stop of stops.splice(0)) stop();
    },
  };
}

/** A fallback that was used, as it is told. */
export const fallback = (): ScoreboardEvents['fallbackUsed'] => ({
  ...{ error: 'x', code: undefined },
  ...decided('fallback', 'of this test'),
});
