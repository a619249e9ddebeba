/** The fault queue holds what is still to go wrong: the first one that an event sets off takes it. */
import { checkFault } from './fault-check.js';
import type { Fault, Firing, InjectedFault } from './faults.js';
import type { ClientEvent } from './statements.js';
import { triggers } from './triggers.js';

/** A fault that has been set off, to be acted on. */
export interface Fired {
  readonly fault: Fault;
  /** To be called when the harm is done, and when the server is through with it. */
  readonly fired: () => void;
  readonly settled: () => void;
}

class Entry implements InjectedFault {
  readonly fault: Fault;
  readonly fired: Promise<Firing>;
  readonly settled: Promise<void>;
  readonly #withdraw: (entry: Entry) => void;
  #fire: (firing: Firing) => void = () => undefined;
  #settle: () => void = () => undefined;
  #fail: (reason: Error) => void = () => undefined;
  #unsettled: number;
  nth = 0;
  count = 0;
  left: number;

  constructor(fault: Fault, withdraw: (entry: Entry) => void) {
    this.fault = fault;
    this.left = fault.times ?? 1;
    this.#unsettled = this.left;
    this.#withdraw = withdraw;
    const failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject;
    });
    this.fired = Promise.race([
      failed,
      new Promise<Firing>((resolve) => {
        this.#fire = resolve;
      }),
    ]);
    this.settled = Promise.race([
      failed,
      new Promise<void>((resolve) => {
        this.#settle = resolve;
      }),
    ]);
    // Nobody has to wait for a fault that never fires.
    for (const promise of [failed, this.fired, this.settled]) promise.catch(() => undefined);
  }

  withdraw(): void {
    this.#withdraw(this);
  }

  abandon(reason: string): void {
    this.#fail(new Error(reason));
  }

  take(firing: Firing): Fired {
    this.left -= 1;
    this.count += 1;
    return {
      fault: this.fault,
      fired: () => this.#fire(firing),
      settled: () => this.#settledOnce(),
    };
  }

  #settledOnce(): void {
    this.#unsettled -= 1;
    if (this.#unsettled === 0) this.#settle();
  }
}

/** Faults in the order of their injection. */
export class FaultQueue {
  #entries: Entry[] = [];

  inject(fault: Fault): InjectedFault {
    checkFault(fault);
    const entry = new Entry(fault, () =>
      this.#remove(entry, 'the fault was withdrawn before it fired'),
    );
    this.#entries.push(entry);
    return entry;
  }

  /** The fault that this event sets off, if any; it counts as fired. */
  take(event: ClientEvent, firing: Firing): Fired | undefined {
    if (event.kind === 'statement') for (const entry of this.#entries) entry.nth += 1;
    const entry = this.#entries.find(({ fault, nth }) => triggers(fault.at, event, nth));
    if (entry === undefined) return undefined;
    const fired = entry.take(firing);
    if (entry.left === 0) this.#entries = this.#entries.filter((other) => other !== entry);
    return fired;
  }

  /** Gives all of them up. */
  close(): void {
    for (const entry of [...this.#entries]) {
      this.#remove(entry, 'the proxy was closed before the fault fired');
    }
  }

  #remove(entry: Entry, reason: string): void {
    this.#entries = this.#entries.filter((other) => other !== entry);
    entry.abandon(reason);
  }
}
