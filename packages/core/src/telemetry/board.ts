/** The board is what all copies of this package know of who listens (telemetry). */
import type { Listening } from '../listener.js';
import { processWide } from '../process-wide.js';
import type { AttemptAround, AttemptStarted } from './events.js';

interface Board {
  /** Listeners and channels of what every shot does, the successful too. While it is 0 a shot tells nobody. */
  everyShot: number;
  /** An event's array is never changed, but another one put in its place, so that it can be walked as it is. */
  readonly listeners: Map<string, readonly Listening[]>;
  /** What attempts are played within. */
  readonly around: Set<AttemptAround>;
  /** How they are: brought by whoever first stands around them, so that nobody else carries it. */
  within: (<T>(event: () => AttemptStarted, play: () => T) => T) | undefined;
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
  within: undefined,
  added: new Set<string>(),
  lastId: 0,
}));
