/** A connection beside the adapter's pool: with the pool's own settings, for questions of Carom's own. */
import { CaromError } from '@carom/core';
import type { Connect } from '@carom/postgres';
import { type Factory, isPool, type Pool } from './driver.js';
import { poolOf } from './pool.js';

/** How to open one. The pool may be full of connections that wait for the same server. */
export function connectBeside(factory: Factory): Connect {
  return async (begun) => {
    const pool = poolOf(factory) ?? (await lookInside(factory));
    if (pool?.Client === undefined) {
      throw new CaromError('CAROM_NOT_AN_ADAPTER', 'the driver adapter does not show its pool');
    }
    const client = new pool.Client(pool.options);
    // Before it is connected: its end may come in the packet that makes it ready.
    client.on('error', () => {});
    begun?.(client);
    await client.connect();
    return client;
  };
}

/** The pool of an adapter that was not used yet: making it opens no connection. */
async function lookInside(factory: Factory): Promise<Pool | undefined> {
  const adapter = await factory.connect();
  const pool = adapter.underlyingDriver?.();
  await adapter.dispose?.();
  return isPool(pool) ? pool : undefined;
}
