/** A connection beside the pool: with the pool's own settings, for questions of Carom's own. */
import type { Connect, OwnClient } from '@carom/postgres';
import type { Client, Pool } from 'pg';

/** How to open one. The pool may be full of connections that wait for the same server. */
export function connectBeside(pool: Pool): Connect {
  const { Client: PoolsClient, options } = pool as Pool & {
    readonly Client: new (options: unknown) => Client;
  };
  return async (begun) => {
    const client = new PoolsClient(options);
    // Before it is connected: its end may come in the packet that makes it ready.
    client.on('error', () => {});
    begun?.(client as unknown as OwnClient);
    await client.connect();
    return client as unknown as OwnClient;
  };
}
