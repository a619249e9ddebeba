/** The queue is who waits at a cushion (circuit breaker), and how they are let in after a recovery: at the pace of a ramp. */
import { type Clock, endless, type Millis, type Timer } from '../clock.js';
import { Parking, type Permit } from '../parking.js';
import { Ramp } from './ramp.js';

/** Released shots that get no answer hold the others up no longer than this. */
const rampPatience: Millis = 50;

/**
 * Those who came first go first. Has the one timer of the circuit, which only what somebody waits for lets keep the
 * process alive. It stays armed when it is not needed any more, or only later: to take it back and arm another at each
 * change of state would take longer than all the rest of it.
 */
export class Queue extends Parking {
  readonly #clock: Clock;
  readonly #permit: () => Permit;
  readonly #rung: () => void;
  readonly #ramp = new Ramp();
  #timer: Timer | undefined;
  /** When the timer rings. */
  #at: Millis = endless;
  /** When the time is over; undefined while nobody wants to know. */
  #due: Millis | undefined;
  #held = false;

  /** `permit` gives 0 while nobody may go in; `rung` is called when the time is over. */
  constructor(clock: Clock, empty: () => void, permit: () => Permit, rung: () => void) {
    super(clock, empty);
    this.#clock = clock;
    this.#permit = permit;
    this.#rung = rung;
  }

  get isArmed(): boolean {
    return this.#due !== undefined;
  }

  /** The time is over at `due`, by the clock. */
  arm(due: Millis): void {
    this.#due = due;
    if (this.#timer === undefined || due < this.#at) this.#start(due);
    this.hold();
  }

  disarm(): void {
    this.#due = undefined;
    this.hold();
  }

  /** Somebody waits for the time, or nobody any more. */
  hold(): void {
    const held = this.#due !== undefined && this.size > 0;
    if (held === this.#held) return;
    this.#held = held;
    this.#timer?.[held ? 'ref' : 'unref']();
  }

  #start(at: Millis): void {
    this.#timer?.cancel();
    this.#at = at;
    this.#timer = this.#clock.after(at - this.#clock.now(), this.#ring);
    if (!this.#held) this.#timer.unref();
  }

  readonly #ring = (): void => {
    this.#timer = undefined;
    const due = this.#due;
    if (due === undefined) return;
    if (due > this.#at) {
      this.#start(due);
      return;
    }
    this.disarm();
    this.#rung();
  };

  /** The service is back: the first go in. */
  begin(): void {
    if (this.size === 0) return;
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

  /** The service is not any more what it was when the ramp began, or nobody waits. */
  end(): void {
    this.#ramp.end();
    this.disarm();
  }

  #letIn(count: number): void {
    for (let n = 0; n < count; n++) {
      const permit = this.#permit();
      if (permit === 0 || !this.admitNext(permit)) break;
      this.#ramp.letIn(this.#clock.now());
    }
    if (this.size === 0) this.end();
    else this.arm(this.#clock.now() + rampPatience);
  }
}
