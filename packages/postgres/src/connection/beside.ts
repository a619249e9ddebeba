/** A connection beside a pool of `pg`: with the pool's own settings, for questions that no client of the pool can answer. */
import type { Connect, OwnClient } from '../commit/line.js';

/** What a `pg.Pool` makes its clients with. */
interface Maker {
  readonly Client: new (options: unknown) => OwnClient & { connect(): Promise<unknown> };
  readonly options: unknown;
}

/** How to open one. The pool may be full of connections that wait for the same server. */
export function connectLike(pool: object): Connect {
  return async (begun) => {
    const { Client, options } = pool as Maker;
    const client = new Client(options);
    // Before it is connected: its end may come in the packet that makes it ready.
    client.on('error', () => {});
    begun?.(client);
    await client.connect();
    return client;
  };
}
