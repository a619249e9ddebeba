/** A client of the outages: one library, bare or in Carom, which many callers share. */
import type { Millis } from '@carom/core';
import type { ExecutionOptions } from '@carom/postgres';
import type { ServerConfig } from '@carom/testing';
import pg, { type Pool } from 'pg';
import { survivingPool } from '../../../demo/clients/surviving-pool.js';

export interface Client {
  /** One row, in autocommit. */
  read(): Promise<unknown>;
  /** One write of its own, exactly once where that is on offer. */
  write(id: string): Promise<unknown>;
  /** One write and one hot row, in a transaction. */
  transaction(id: string): Promise<unknown>;
  /** Two hot rows in this order, in a transaction: in opposite orders they are a deadlock. */
  cross(id: string, first: number, second: number): Promise<unknown>;
  /** Reads a hot row and writes what follows from it, serializable. */
  serialize(id: string, row: number): Promise<unknown>;
  /** Connections that somebody has, or waits for. */
  readonly slots: number;
  /** Listeners on what outlives a query: the pool. */
  readonly listeners: number;
  close(): Promise<unknown>;
}

export interface ClientSettings {
  readonly config: ServerConfig & { readonly application_name: string };
  /** Carom's options; undefined for the bare client. */
  readonly carom: ExecutionOptions | undefined;
  /** Whether a bare pool gets listeners, without which a connection's death is the process's. Default true. */
  readonly isGuarded?: boolean;
}

/** Connections of one client, whatever the number of its callers. */
export const poolSize = 20;
/** How long a caller waits for a connection; the bare clients would wait for ever. */
export const connectTimeout: Millis = 5_000;

/** Bare pools have no listeners that a dying connection could tell; Carom brings its own. */
export function poolOf({ config, carom, isGuarded = true }: ClientSettings): Pool {
  const settings = { ...config, max: poolSize, connectionTimeoutMillis: connectTimeout };
  return carom === undefined && isGuarded ? survivingPool(settings) : new pg.Pool(settings);
}

export const sql = {
  read: 'SELECT value FROM counters WHERE id = $1',
  write: 'INSERT INTO marks (mark) VALUES ($1)',
  bump: 'UPDATE counters SET value = value + 1 WHERE id = $1',
  set: 'UPDATE counters SET value = $2 WHERE id = $1',
} as const;
