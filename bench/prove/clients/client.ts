/** A client of the proof: one library, bare or in Carom, which writes rows that can be counted. */
import type { ExecutionOptions } from '@carom/postgres';
import type { ServerConfig } from '@carom/testing';
import type { Unit } from '../plan.js';

export interface Client {
  /**
   * Writes each of these ids once, as a unit of this kind.
   * @param patient whether no attempt is to be given up early.
   */
  write(unit: Unit, ids: readonly string[], patient: boolean): Promise<unknown>;
  close(): Promise<unknown>;
}

export interface ClientSettings {
  readonly config: ServerConfig & { readonly application_name: string };
  /** Carom's options; undefined for the bare client. */
  readonly carom: ExecutionOptions | undefined;
}

/** A lane does one thing after the other. */
export const poolSize = 2;
/** In ms; the bare clients would wait for ever for a server that does not answer. */
export const connectTimeout = 2_000;

/** The server's side of it: a row for each time that an id was written. */
export const tables: string = `
  CREATE TABLE marks (seq serial PRIMARY KEY, mark text NOT NULL, kind text NOT NULL DEFAULT 'plain');
  CREATE TABLE tags (seq serial PRIMARY KEY, mark_seq int NOT NULL REFERENCES marks (seq), tag text NOT NULL)`;
export const written = 'SELECT mark AS id FROM marks UNION ALL SELECT tag FROM tags';
