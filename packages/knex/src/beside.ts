/** A connection beside Knex's pool: with Knex's own settings, for questions about lost COMMITs. */
import type { Connect, OwnClient } from '@carom/postgres';
import type { KnexClient } from './internals.js';

/** How to open one. The pool may be full of connections that wait for the same server. */
export function connectBeside(client: KnexClient): Connect {
  return async () => {
    const foreign = client.config.connectionPool;
    if (foreign?.Client === undefined) return (await client.acquireRawConnection()) as OwnClient;
    const own = new foreign.Client(foreign.options);
    // Before it is connected: its end may come in the packet that makes it ready.
    own.on('error', () => {});
    await own.connect();
    return own;
  };
}
