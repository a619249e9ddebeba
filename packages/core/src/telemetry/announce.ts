/** Announcing an event to the scoreboard (telemetry): a comparison while nobody listens. */
import { tell } from '../listener.js';
import { processWide } from '../process-wide.js';
import type { ScoreboardEvent, ScoreboardEvents, ScoreboardListener } from './events.js';

interface Board {
  /** Listeners of what every shot does, the successful too. While it is 0 a shot tells nobody. */
  everyShot: number;
  readonly listeners: Map<ScoreboardEvent, Set<ScoreboardListener<never>>>;
}

/** One for the process: the other copy of this package (ESM, CommonJS) tells the same listeners. */
export const board: Board = processWide('scoreboard', () => ({
  everyShot: 0,
  listeners: new Map(),
}));

/** Whether anybody listens to anything. */
export const isHeard = (): boolean => board.listeners.size > 0;

/** Tells the listeners of `event`, if there are any; only then is `detail` called. */
export function announce<E extends ScoreboardEvent>(
  event: E,
  detail: () => ScoreboardEvents[E],
): void {
  const listeners = board.listeners.get(event) as Set<ScoreboardListener<E>> | undefined;
  if (listeners === undefined) return;
  const told = Object.freeze(detail()) as ScoreboardEvents[E];
  // Who begins to listen meanwhile hears of the next one; who stops, not even of this one.
  for (const listener of [...listeners]) if (listeners.has(listener)) tell(listener, told);
}
