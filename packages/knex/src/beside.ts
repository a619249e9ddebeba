/** A connection beside Knex's pool: with Knex's own settings, for questions of Carom's own. */
import type { Connect, OwnClient } from '@carom/postgres';
import type { KnexClient } from './internals.js';

/** How to open one. The pool may be full of connections that wait for the same server. */
export function connectBeside(client: KnexClient): Connect {
  return async (begun) => {
    const foreign = client.config.connectionPool;
    if (foreign?.Client === undefined) {
      return (await announcing(client, begun).acquireRawConnection()) as OwnClient;
    }
    const own = new foreign.Client(foreign.options);
    // Before it is connected: its end may come in the packet that makes it ready.
    own.on('error', () => {});
    begun?.(own);
    await own.connect();
    return own;
  };
}

/** The same Knex client; the connection that it makes is shown before it is connected, which Knex does not do. */
function announcing(client: KnexClient, begun: ((own: OwnClient) => void) | undefined): KnexClient {
  const { driver } = client;
  if (begun === undefined || driver?.Client === undefined) return client;
  class Shown extends driver.Client {
    constructor(settings: unknown) {
      super(settings);
      begun?.(this);
    }
  }
  return Object.create(client, { driver: { value: { ...driver, Client: Shown } } }) as KnexClient;
}
