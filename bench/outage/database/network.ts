/** The network between the simulated Postgres and its clients: while it is a black hole, what either end sends is lost, and nobody is told. */
import type { Millis } from '@carom/core';

export class Network {
  /** Those that a client has, made or being made. */
  readonly routes: Set<Route> = new Set();
  readonly #now: () => Millis;
  #isBlackHole = false;
  /** Since when what is sent arrives again; `Infinity` where it has not been lost, or still is. */
  backSince: Millis = Number.POSITIVE_INFINITY;

  constructor(now: () => Millis) {
    this.#now = now;
  }

  get isBlackHole(): boolean {
    return this.#isBlackHole;
  }

  swallow(): void {
    this.#isBlackHole = true;
    this.backSince = Number.POSITIVE_INFINITY;
  }

  comeBack(): void {
    this.#isBlackHole = false;
    this.backSince = this.#now();
  }

  /** A client begins to connect. */
  open(): Route {
    const route = new Route(this);
    this.routes.add(route);
    return route;
  }
}

/** The way of one connection. */
export class Route {
  readonly #network: Network;
  #isForgotten = false;

  constructor(network: Network) {
    this.#network = network;
  }

  /**
   * Whether what one end sends now comes to the other. What was lost is not sent again, and neither is what follows it: a firewall has
   * forgotten the connection meanwhile, and lets nothing through. (Where there is none, TCP would send it again after a while.)
   */
  carries(): boolean {
    this.#isForgotten ||= this.#network.isBlackHole;
    return !this.#isForgotten;
  }

  /** Its client has hung up, whether the server hears of that or not. */
  close(): void {
    this.#network.routes.delete(this);
  }
}
