/** The connect gate holds up the shots that would need a new connection while their server is full (backpressure). */
import { type Clock, type Gate, type Millis, Parking, type Timer } from '@carom/core';
import type { Places } from './places.js';
import type { SlowStart } from './slow-start.js';

/** What a gate is made of. */
export interface ConnectGateSettings {
  readonly slowStart: SlowStart;
  readonly places: Places;
  /** How many may wait; the next one is refused. */
  readonly maxParked: number;
  readonly clock: Clock;
  /** Called when an attempt is over, and the circuit has heard of it. */
  left(): void;
}

/**
 * The gate of one client. Whoever finds a connection that nobody has goes in, and so does everybody as long as the server is not
 * full; the others wait, first come first served, until a connection is given back or one more may be tried.
 */
export class ConnectGate implements Gate {
  readonly #settings: ConnectGateSettings;
  readonly #queue: Parking;
  #inside = 0;
  #timer: Timer | undefined;

  constructor(settings: ConnectGateSettings) {
    this.#settings = settings;
    this.#queue = new Parking(settings.clock, () => this.#empty());
  }

  /** How many wait. */
  get queued(): number {
    return this.#queue.size;
  }

  tryEnter(): boolean {
    if (this.#settings.slowStart.active && (this.#queue.size > 0 || !this.#mayPass())) return false;
    this.#inside += 1;
    return true;
  }

  mayWait(patience: Millis): boolean {
    return patience > 0 && this.#queue.size < this.#settings.maxParked;
  }

  /**
   * Enters, after waiting for at most `patience` ms.
   * @throws {CaromError} `CAROM_SERVER_FULL` when the patience ends, or too many wait.
   * @throws the signal's reason as soon as it aborts.
   */
  async enter(patience: Millis, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted) throw signal.reason;
    if (this.tryEnter()) return;
    if (!this.mayWait(patience)) throw this.refusal();
    const turn = this.#queue.wait(patience, signal, () => this.refusal());
    this.#settings.slowStart.waiting.add(this.#letIn);
    this.#arm();
    await turn;
  }

  leave(): void {
    this.#inside -= 1;
    this.#settings.left();
    if (this.#queue.size > 0) this.#letIn();
  }

  refusal(): Error {
    return this.#settings.slowStart.refuse();
  }

  #mayPass(): boolean {
    const { places, slowStart } = this.#settings;
    const { idle, lent, connecting, max } = places;
    // So many of those inside are about to take one that nobody has.
    const asking = Math.max(0, this.#inside - lent - connecting);
    if (asking < idle) return true;
    // Each of those inside that finds none needs a place for a new one.
    return asking + lent + connecting < max && slowStart.take();
  }

  readonly #letIn = (): void => {
    const { slowStart } = this.#settings;
    while (this.#queue.size > 0 && (!slowStart.active || this.#mayPass())) {
      this.#inside += 1;
      this.#queue.admitNext(1);
    }
    if (this.#queue.size > 0) this.#arm();
  };

  #arm(): void {
    const { clock, slowStart } = this.#settings;
    this.#timer?.cancel();
    this.#timer = clock.after(Math.max(1, slowStart.wait), this.#letIn);
  }

  #empty(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#settings.slowStart.leave(this.#letIn);
  }
}
