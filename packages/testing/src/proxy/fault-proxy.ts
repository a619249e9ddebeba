/** A fault proxy stands between clients and a Postgres, understands what they say, and breaks it off where it is told to. */
import { connect, type Socket } from 'node:net';
import { anyOf, checkOptions } from '@carom/core';
import { Connection, type Surroundings } from './connection.js';
import { type Counts, count, newCounts, type Seen } from './counts.js';
import { FaultQueue } from './fault-queue.js';
import type { Ending, Fault, InjectedFault } from './faults.js';
import { Listener } from './listener.js';
import { finish } from './socket.js';

/** Where a proxy leads to. A `Server` of a cluster is one; its `url` gives the proxy's URL its user and database. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly url?: string;
}

/** What `startFaultProxy` takes. */
export interface FaultProxyOptions {
  /** Default: a free port. */
  readonly port?: number;
  /**
   * What to do when a client asks for TLS. `refuse` (default): the proxy says that there is none. `forward`: the server
   * decides; once it agreed, only connections can be broken, for statements are not readable any more.
   */
  readonly encryption?: 'refuse' | 'forward';
}

/** How new connections are turned away: by the system (ECONNREFUSED), or accepted and then ended. */
export type Refusal = 'listen' | Ending;

/** Network delay per direction, in ms. */
export interface NetworkDelay {
  readonly toServer?: number;
  readonly toClient?: number;
}

const frozenWhole = 'black hole';

class FaultProxy implements AsyncDisposable {
  readonly host = '127.0.0.1';
  readonly port: number;
  /** Where it leads to. Set it to lead new connections elsewhere, as a failover does. */
  target: Target;
  readonly #faults: FaultQueue = new FaultQueue();
  readonly #counts: Counts = newCounts();
  readonly #connections: Set<Connection> = new Set();
  readonly #around: Surroundings;
  readonly #listener: Listener;
  #turnAway: Ending | undefined;
  #silent = false;
  #delay: Required<NetworkDelay> = { toServer: 0, toClient: 0 };
  #whenEmpty: (() => void) | undefined;

  constructor(
    target: Target,
    { encryption = 'refuse' }: FaultProxyOptions,
    listener: Listener,
    port: number,
  ) {
    this.target = target;
    this.port = port;
    this.#listener = listener;
    listener.onSocket = (socket): void => this.#accept(socket);
    this.#around = {
      delayToServer: () => this.#delay.toServer,
      delayToClient: () => this.#delay.toClient,
      refuseEncryption: encryption === 'refuse',
      onRoundTrip: () => {
        this.#counts.roundTrips += 1;
      },
      onEvent: (event) => count(this.#counts, event),
      faultFor: (event, firing) => {
        const fired = this.#faults.take(event, firing);
        if (fired !== undefined) this.#counts.faults += 1;
        return fired;
      },
      onClose: (connection) => this.#gone(connection),
    };
  }

  /** The target's URL with the proxy's address. */
  get url(): string {
    const url = new URL(this.target.url ?? 'postgres://postgres@127.0.0.1/postgres');
    url.hostname = this.host;
    url.port = `${this.port}`;
    return url.href;
  }

  /** What it has seen until now: a copy, which does not change. */
  get seen(): Seen {
    return { ...this.#counts };
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#connections.size;
  }

  /**
   * Puts a fault in the queue. All faults in it are armed; when several are set off at once, the first one fires.
   *
   * @throws InvalidOptionError for a wrong fault
   */
  inject(fault: Fault): InjectedFault {
    return this.#faults.inject(fault);
  }

  /** Releases the connections that stall. */
  resume(): void {
    for (const connection of this.#connections) connection.resume();
  }

  /** Silence, in both directions and for new connections too, until it is switched off; then all that was held goes on. */
  blackHole(on: boolean): void {
    this.#silent = on;
    for (const connection of this.#connections) {
      if (on) connection.freeze(frozenWhole);
      else connection.thaw(frozenWhole);
    }
  }

  /** Sets the network delay, in ms; a number stands for each direction. 0 ends it. */
  delay(delay: number | NetworkDelay): void {
    const { toServer = 0, toClient = 0 } =
      typeof delay === 'number' ? { toServer: delay, toClient: delay } : delay;
    this.#delay = { toServer, toClient };
  }

  /** Turns new connections away, until `accept()`; the open ones stay. Default `listen`: ECONNREFUSED. */
  refuse(how: Refusal = 'listen'): void {
    if (how === 'listen') this.#listener.close();
    else this.#turnAway = how;
  }

  /** Takes connections again, on the same port. */
  async accept(): Promise<void> {
    this.#turnAway = undefined;
    this.#listener.close();
    await this.#listener.open(this.port);
  }

  /** Leads new connections to `target` and, with `cut`, ends the open ones. */
  retarget(target: Target, { cut }: { readonly cut?: Ending } = {}): void {
    this.target = target;
    if (cut !== undefined) this.cutAll(cut);
  }

  /** Ends all open connections, on both sides. Default `fin`. */
  cutAll(how: Ending = 'fin'): void {
    for (const connection of this.#connections) connection.cut(how);
  }

  /** Ends all connections, and waits until they are gone. */
  async close(): Promise<void> {
    this.#listener.close();
    this.#faults.close();
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    for (const connection of this.#connections) connection.destroy();
    if (this.#connections.size > 0) await empty;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(client: Socket): void {
    this.#counts.connections += 1;
    if (this.#turnAway !== undefined) {
      this.#counts.refused += 1;
      client.on('error', () => undefined).resume();
      finish(client, this.#turnAway);
      return;
    }
    const { host, port } = this.target;
    const server = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const connection = new Connection(this.#counts.connections, client, server, this.#around);
    this.#connections.add(connection);
    if (this.#silent) connection.freeze(frozenWhole);
  }

  #gone(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }
}

export type { FaultProxy };

/**
 * Starts a proxy on 127.0.0.1 that leads to `target`.
 *
 * @throws InvalidOptionError for a wrong option
 */
export async function startFaultProxy(
  target: Target,
  options: FaultProxyOptions = {},
): Promise<FaultProxy> {
  checkOptions(options, {
    port: (value) => (Number.isInteger(value) ? undefined : 'a port'),
    encryption: anyOf('refuse', 'forward'),
  });
  const listener = new Listener();
  const port = await listener.open(options.port);
  return new FaultProxy(target, options, listener, port);
}
