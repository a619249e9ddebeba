/** The counts are what a proxy has seen go by. */
import type { ClientEvent } from './statements.js';

/** Numbers since the proxy was started. */
export interface Seen {
  /** Connections that were accepted, cancel requests and refused ones included. */
  readonly connections: number;
  /** Connections accepted and closed at once; those refused by the system itself nobody sees. */
  readonly refused: number;
  /** Times that a client spoke again after it had been told something, startup included: it waited for the way there and back. */
  readonly roundTrips: number;
  /** Statements executed: simple queries, and executions of prepared ones. */
  readonly queries: number;
  readonly begins: number;
  /** COMMIT and END, in whatever dress; also those that a fault kept from the server. */
  readonly commits: number;
  /** ROLLBACK and ABORT, not those to a savepoint. */
  readonly rollbacks: number;
  readonly cancels: number;
  /** Faults that fired. */
  readonly faults: number;
}

/** The same, to be counted up. */
export type Counts = { -readonly [name in keyof Seen]: number };

export function newCounts(): Counts {
  return {
    connections: 0,
    refused: 0,
    roundTrips: 0,
    queries: 0,
    begins: 0,
    commits: 0,
    rollbacks: 0,
    cancels: 0,
    faults: 0,
  };
}

const byCommand = { BEGIN: 'begins', COMMIT: 'commits', ROLLBACK: 'rollbacks' } as const;

/** Counts one event. */
export function count(counts: Counts, event: ClientEvent): void {
  if (event.kind === 'cancel') counts.cancels += 1;
  if (event.kind !== 'statement') return;
  counts.queries += 1;
  for (const command of event.commands) counts[byCommand[command]] += 1;
}
