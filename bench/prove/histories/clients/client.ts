/** A client of a workload: one library, which plays whole transactions at a level of isolation. */
import type { CommitLevel, ExecutionOptions } from '@carom/postgres';
import type { ServerConfig } from '@carom/testing';
import type { Told } from '../checker/history.js';
import type { Level } from '../checker/level.js';

/** What a transaction's callback may do: send SQL whose parameters `$1, $2 …` stand in order, each once. */
export type Send = <Row>(
  sql: string,
  values?: readonly (number | string)[],
) => Promise<readonly Row[]>;

export interface Client {
  /** Plays one transaction; the callback may be called more than once, and the last call's result counts. */
  transaction<T>(level: Level, work: (send: Send) => Promise<T>): Promise<T>;
  /** What its caller makes of an error. */
  told(error: unknown): Told | undefined;
  /** Closes its connections; may take as long as a lost one takes. */
  close(): Promise<void>;
}

/** How a client is made. */
export interface ClientSettings {
  /** Through the fault proxy. */
  readonly config: ServerConfig & { readonly application_name: string };
  /** How lost COMMITs are settled. */
  readonly commit: Exclude<CommitLevel, 'none'>;
  /** Told of each attempt that is played again, and whether another transaction was the reason (40001, 40P01). */
  readonly onRetry: (contended: boolean) => void;
}

/** Connections of one client; more than it has workers would stay unused. */
export const poolSize = 8;

/** How long a connection may take, in ms. */
export const connectWithin = 5_000;

/**
 * Carom's defaults, but for a bound on each attempt, in ms: a black hole answers nobody, and whoever sets no bound waits for
 * ever, with Carom or without.
 */
export const attemptTimeout = 2_000;

export const caromOptions = ({ commit, onRetry }: ClientSettings): ExecutionOptions => ({
  attemptTimeout,
  commit,
  onRetry: ({ verdict }) => onRetry(verdict.kind === 'contention'),
});
