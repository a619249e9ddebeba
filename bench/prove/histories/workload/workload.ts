/** A workload is what the workers of one client do, and how its history is judged in the end. */
import type { Random } from '@carom/core';
import type pg from 'pg';
import type { Told } from '../checker/history.js';
import type { Anomaly, Level } from '../checker/level.js';
import type { Client } from '../clients/client.js';

/** Asks the server itself, past the proxy. */
export type Ask = <Row extends pg.QueryResultRow>(
  sql: string,
  values?: readonly unknown[],
) => Promise<readonly Row[]>;

/** Where a workload lives, and by whom it is played. */
export interface Ground {
  readonly client: Client;
  readonly level: Level;
  /** Its own schema, quoted. */
  readonly schema: string;
}

export const workloadNames = ['list-append', 'bank'] as const;

export type WorkloadName = (typeof workloadNames)[number];

/** One workload at one level through one client. */
export interface Workload {
  /** Plays one more transaction. Never throws. */
  step(random: Random): Promise<void>;
  /** Judges, once nobody writes any more. */
  judge(ask: Ask): Promise<Judged>;
}

export interface Judged {
  readonly told: Readonly<Record<Told, number>>;
  /** Errors that claimed nothing. */
  readonly unclaimed: number;
  readonly anomalies: readonly Anomaly[];
}

/** How many units were told what. */
export function countTold(units: readonly { readonly told: Told }[]): Judged['told'] {
  const counts = { committed: 0, 'rolled-back': 0, unknown: 0 };
  for (const { told } of units) counts[told] += 1;
  return counts;
}

/** A whole number from 0 up to `below`, never `below`. */
export const pick = (random: Random, below: number): number => Math.floor(random() * below);
