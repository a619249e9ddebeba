/** A client of the shop: one library, bare or wrapped in Carom, which plays the operations it is asked for. */
import type { ExecutionOptions } from '@carom/postgres';
import type { ServerConfig } from '@carom/testing';
import type { Adapter, Operation } from '../load/operation.js';

/** How a client is made. */
export interface ClientSettings {
  /** The stable address of the database. */
  readonly config: ServerConfig;
  /** Carom's options; undefined for the bare client. */
  readonly carom: ExecutionOptions | undefined;
}

export interface ShopClient {
  /** Resolves when it is done, rejects with what the library threw. */
  play(operation: Operation): Promise<void>;
  /** Closes its connections; may take as long as a lost one takes. */
  close(): Promise<void>;
}

/** What people set in earnest, the same for all three strategies. Times in ms. */
export const poolSettings = { max: 10, connectionTimeoutMillis: 5_000 } as const;

/** How the connections of the clients call themselves begins with this: what the fault that kills connections looks for. */
export const applicationPrefix = 'shop-';

export const applicationName = (adapter: Adapter): string => `${applicationPrefix}${adapter}`;

/** Stands for the work that a program does between two statements. */
export function pause(ms: number): Promise<void> | undefined {
  return ms === 0 ? undefined : new Promise((resolve) => setTimeout(resolve, ms));
}
