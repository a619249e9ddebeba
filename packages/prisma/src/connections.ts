/** The connections that an attempt holds, to be closed when nobody waits for it any more: Prisma cannot cancel. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Client } from './driver.js';

const attempts = new AsyncLocalStorage<Connections | undefined>();
const owners: WeakMap<object, Connections> = new WeakMap();

/** The connections of one attempt that may be abandoned; other attempts do without. */
export class Connections {
  readonly #held: Set<Client> = new Set();
  #asked = 0;
  #given = 0;
  #closed = false;

  /** Those of the attempt that this code runs for. */
  static current(): Connections | undefined {
    return attempts.getStore();
  }

  /** Runs what the attempt sends: the connections that are taken meanwhile are its own. */
  run<T>(send: () => T): T {
    return attempts.run(this, send);
  }

  /** Whether it waits for its first connection, so that it has surely sent nothing. */
  get waiting(): boolean {
    return this.#asked > 0 && this.#given === 0;
  }

  ask(): void {
    this.#asked += 1;
  }

  /** One that comes too late is closed before it can be used. */
  take(client: Client): void {
    this.#given += 1;
    if (this.#closed) {
      close(client);
      return;
    }
    this.#held.add(client);
    owners.set(client, this);
  }

  /** Closes those that were not put back; the server ends what was open on them. */
  close(): void {
    this.#closed = true;
    for (const client of this.#held) if (owners.get(client) === this) close(client);
  }
}

/** Runs `other` on its own account, whatever attempt it is called in. */
export function apart<T>(other: () => T): T {
  return attempts.getStore() === undefined ? other() : attempts.run(undefined, other);
}

/** From now on the connection is somebody else's. */
export function putBack(client: Client): void {
  owners.delete(client);
}

/** Closes a connection at once; its pool forgets it. */
export function close(client: Client): void {
  client.end().catch(() => {});
}
