/** A world is what a simulation plays in: a server and its clients, over whom the phases of a scenario come. */
import type { Phase } from './scenarios.js';

export interface World {
  /** Makes a shot; `nth` counts from 1. */
  shot(nth: number): Promise<unknown>;
  /** Whether this error leaves open what became of a shot. */
  isUnknown(error: unknown): boolean;
  become(phase: Phase): void;
  /** What came of all shots, when there are none any more. */
  audit(told: Told): Audit;
  close(): void;
}

/** The shots, by what their callers were told. */
export interface Told {
  readonly done: ReadonlySet<number>;
  readonly failed: ReadonlySet<number>;
  readonly unknown: ReadonlySet<number>;
}

/** What the callers were told, held against what is true. */
export interface Audit {
  /** Applied more than once. */
  readonly duplicates: number;
  /** Said to be done and not there, or said not to be done and there. */
  readonly lies: number;
  /** Left open where it could have been known. */
  readonly needless: number;
  /** Transactions that were refused with 40001 or 40P01. */
  readonly conflicts: number;
  /** Connections that were asked for in all. */
  readonly connections: number;
  /** Connections that nobody has, and that are open all the same. */
  readonly connectionsLeft: number;
  /** Places of the pool that nobody has, and that are taken all the same. */
  readonly placesLeft: number;
}

/** Where nothing is written there is nothing to be wrong about. */
export const nothingWritten: Audit = {
  ...{ duplicates: 0, lies: 0, needless: 0, conflicts: 0 },
  ...{ connections: 0, connectionsLeft: 0, placesLeft: 0 },
};

/** What a world tells while it is played in. */
export interface Listener {
  /** An attempt has reached the server, or a connection was asked for. */
  attempted(): void;
  /** The cushion (circuit breaker) has gone from closed to open. */
  opened(): void;
}
