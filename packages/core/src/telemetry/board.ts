/** The board is what all copies of this package know of who listens (telemetry). */
import { processWide } from '../process-wide.js';
import type { AttemptAround } from './events.js';

interface Board {
  /** Listeners and channels of what every shot does, the successful too. While it is 0 a shot tells nobody. */
  everyShot: number;
  readonly listeners: Map<string, Set<(event: never) => void>>;
  /** What attempts are played within. */
  readonly around: Set<AttemptAround>;
  /** The names of events that packages built on this one have added. */
  readonly added: Set<string>;
  /** The number of the last shot that somebody heard of. */
  lastId: number;
}

/** One for the process: the other copy of this package (ESM, CommonJS) tells the same listeners. */
export const board: Board = processWide('scoreboard', () => ({
  everyShot: 0,
  listeners: new Map(),
  around: new Set<AttemptAround>(),
  added: new Set<string>(),
  lastId: 0,
}));
