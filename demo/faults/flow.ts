/** The flow is whether the shop is at work just now: statements on their way through the proxy. */
import type { FaultProxy } from '@carom/testing';

/** Between two looks, in ms. */
const every = 100;
/** How many looks are remembered: half a second. */
const looks = 5;
/** So many statements in that time are a shop at work, not one client that asks whether the server is back. */
const atWork = 20;

export class Flow {
  readonly #proxy: FaultProxy;
  readonly #seen: number[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(proxy: FaultProxy) {
    this.#proxy = proxy;
    this.#timer = setInterval(() => this.#look(), every);
  }

  get atWork(): boolean {
    const [oldest] = this.#seen;
    return oldest !== undefined && this.#proxy.seen.queries - oldest >= atWork;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#seen.push(this.#proxy.seen.queries);
    if (this.#seen.length > looks) this.#seen.shift();
  }
}
