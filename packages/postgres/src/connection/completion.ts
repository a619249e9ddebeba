/** Completion watch: whether the server reported a statement complete (CommandComplete) before it was lost. */

/** What is needed of a `pg` client; the wire below it is not part of its public types. */
export interface WatchableClient {
  readonly connection?: unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

type Listener = (message: unknown) => void;

/** An event emitter. */
interface Wire {
  on(name: string, listener: Listener): unknown;
  off(name: string, listener: Listener): unknown;
  listeners(name: string): readonly Listener[];
}

const event = 'commandComplete';

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
  listen(client.connection as Wire | undefined, () => {
    count.completed += 1;
  });
}

/** In the place of the driver's own listener, and before it: an emitter that has two copies their list for each message. */
function listen(wire: Wire | undefined, completed: () => void): void {
  const [theirs, ...more] = wire?.listeners?.(event) ?? [];
  if (theirs === undefined || more.length > 0) {
    wire?.on?.(event, completed);
    return;
  }
  const both = (message: unknown): void => {
    completed();
    theirs.call(wire, message);
  };
  wire?.off(event, theirs);
  // By this the emitter finds it when the driver takes its own listener off.
  wire?.on(event, Object.assign(both, { listener: theirs }));
}

/** How many statements the server has reported complete; `undefined` for a client that is not watched. */
export function completions(client: object): number | undefined {
  return counts.get(client)?.completed;
}
