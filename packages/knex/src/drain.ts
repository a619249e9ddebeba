/** Draining a Knex: its connections lead to the wrong server after a failover, so that none of them is lent again. */
import { drainPool, generationsOf, type WatchablePool } from '@carom/postgres';
import type { KnexClient } from './internals.js';

/** Knex prints this as a warning when it meets the connection again: no SQL, no address. */
export const disposed = 'Carom threw this connection away';

/** Whether a pool that Knex was given is a `pg.Pool`. */
export function isPool(foreign: unknown): foreign is WatchablePool {
  if (typeof foreign !== 'object' || foreign === null) return false;
  const { idleCount, connect, on } = foreign as Partial<WatchablePool>;
  return typeof idleCount === 'number' && typeof connect === 'function' && typeof on === 'function';
}

/**
 * Throws away all connections there are, because of what `connection` met: free ones at once, those in use when they are given
 * back; once, however many of them meet the same.
 */
export function drain(client: KnexClient, connection: object | undefined): void {
  const foreign = client.config.connectionPool;
  if (isPool(foreign)) {
    drainPool(foreign, connection);
    return;
  }
  if (!generationsOf(client).next(connection)) return;
  for (const { resource } of client.pool?.used ?? []) resource.__knex__disposed ??= disposed;
  for (const { resource } of client.pool?.free ?? []) {
    resource.__knex__disposed ??= disposed;
    // tarn gets to it when it would lend it, which may be never.
    resource.end?.(() => {});
  }
}
