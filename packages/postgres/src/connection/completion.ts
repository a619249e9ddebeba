/** Completion watch: whether the server reported a statement complete (CommandComplete) before it was lost. */

/** What is needed of a `pg` client; the wire below it is not part of its public types. */
export interface WatchableClient {
  readonly connection?: unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

interface Wire {
  on(event: 'commandComplete', listener: () => void): unknown;
}

const counts: WeakMap<object, { completed: number }> = new WeakMap();

/**
 * Watches a client: counts what the server reports complete, and makes sure that an error while it
 * is idle ends no process. Safe to call at each checkout.
 */
export function watchClient(client: WatchableClient): void {
  if (!counts.has(client)) begin(client);
}

// Apart, since what its closures remember is allocated where it is called.
function begin(client: WatchableClient): void {
  const count = { completed: 0 };
  counts.set(client, count);
  // A client that is checked out and idle has no listener of the pool's (measured: exit 1).
  client.on('error', () => {});
  const wire = client.connection as Partial<Wire> | undefined;
  wire?.on?.('commandComplete', () => {
    count.completed += 1;
  });
}

/** How many statements the server has reported complete; `undefined` for a client that is not watched. */
export function completions(client: object): number | undefined {
  return counts.get(client)?.completed;
}
