/** A surviving pool is a bare `pg.Pool` that does not take the whole process with it when a connection dies. */
import pg, { type Pool, type PoolConfig } from 'pg';

/**
 * A connection that dies at the wrong moment is an `error` event that nobody listens to, and ends the process: with bare
 * `pg`, and with the pool that Prisma's adapter makes. Then there would be nothing left to compare with. Carom brings
 * listeners of its own, so it gets the pools as they come.
 */
export function survivingPool(settings: PoolConfig): Pool {
  const pool = new pg.Pool(settings);
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
