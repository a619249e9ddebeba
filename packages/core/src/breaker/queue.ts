/** The queue is who waits at a cushion (circuit breaker), and how they are let in after a recovery: at the pace of a ramp. */
import type { Clock, Millis, Timer } from '../clock.js';
import { Parking, type Permit } from '../parking.js';
import { Ramp } from './ramp.js';

/** Released shots that get no answer hold the others up no longer than this. */
const rampPatience: Millis = 50;

/** Those who came first go first. Has the one timer of the circuit, which only what somebody waits for lets keep the process alive. */
export class Queue extends Parking {
  readonly #clock: Clock;
  readonly #permit: () => Permit;
  readonly #rung: () => void;
  readonly #ramp = new Ramp();
  #timer: Timer | undefined;

  /** `permit` gives 0 while nobody may go in; `rung` is called when the time is over. */
  constructor(clock: Clock, empty: () => void, permit: () => Permit, rung: () => void) {
    super(clock, empty);
    this.#clock = clock;
    this.#permit = permit;
    this.#rung = rung;
  }

  get isArmed(): boolean {
    return this.#timer !== undefined;
  }

  arm(delay: Millis): void {
    this.disarm();
    this.#timer = this.#clock.after(delay, this.#ring);
    this.hold();
  }

  disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Somebody waits for the timer, or nobody any more. */
  hold(): void {
    this.#timer?.[this.size > 0 ? 'ref' : 'unref']();
  }

  readonly #ring = (): void => {
    this.#timer = undefined;
    this.#rung();
  };

  /** The service is back: the first go in. */
  begin(): void {
    this.#ramp.begin();
    this.step();
  }

  /** Nobody has come back for a while: the next go in. */
  step(): void {
    this.#letIn(this.#ramp.next());
  }

  /** One that was let in came back: others may follow. */
  cameBack(answered: boolean): void {
    if (!this.#ramp.active) return;
    const count = this.#ramp.cameBack(this.#clock.now(), answered);
    if (count > 0) this.#letIn(count);
  }

  /** The service is not any more what it was when the ramp began. */
  end(): void {
    this.#ramp.end();
  }

  #letIn(count: number): void {
    for (let n = 0; n < count; n++) {
      const permit = this.#permit();
      if (permit === 0 || !this.admitNext(permit)) break;
      this.#ramp.letIn(this.#clock.now());
    }
    if (this.size === 0) this.#ramp.end();
    this.disarm();
    if (this.size > 0) this.arm(rampPatience);
  }
}
