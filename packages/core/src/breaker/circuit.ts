/** A circuit is the live half of a cushion (circuit breaker): its state, its permits, its queue. */
import type { Clock, Millis, Random, Timer } from '../clock.js';
import type { CircuitOpenError } from '../errors.js';
import { Parking, type Permit } from '../parking.js';
import { type CircuitListener, CircuitListeners } from './listeners.js';
import { Ramp } from './ramp.js';
import { refusal } from './refusal.js';
import type { CushionRules } from './rules.js';
import {
  type CushionState,
  closed,
  type Event,
  isSameRound,
  retryAfter,
  type State,
  step,
} from './transitions.js';
import { createWindow, type Window } from './window.js';

/** Released shots that get no answer hold the others up no longer than this. */
const rampPatience: Millis = 50;

/** The state of one circuit. Every decision is made and recorded in one synchronous step. */
export class Circuit {
  /** The service or datasource it stands for; in messages and events. */
  readonly name: string;
  readonly rules: CushionRules;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #window: Window;
  readonly #parking: Parking;
  readonly #listeners = new CircuitListeners();
  #state: State = closed;
  /** Grows with each change of state, and when a probe hung; a result of an older epoch decides nothing. */
  #epoch: Permit = 1;
  /** Whether a knock may be heard: a refusal while it is open reads no clock. */
  #due = false;
  readonly #ramp = new Ramp();
  /** Ends the open time, gives up a probe, or goes on with the ramp. */
  #timer: Timer | undefined;

  constructor(name: string, rules: CushionRules, clock: Clock, random: Random) {
    this.name = name;
    this.rules = rules;
    this.#clock = clock;
    this.#random = random;
    this.#window = createWindow(rules.window, clock);
    // Nobody waits any more: only the end of the open time is still of use.
    this.#parking = new Parking(clock, () =>
      this.state === 'open' ? this.#timer?.unref() : this.#disarm(),
    );
  }

  get state(): CushionState {
    return this.#state.at;
  }

  /** How many shots wait for it. */
  get parked(): number {
    return this.#parking.size;
  }

  /** When asking again makes sense, in ms from now; 0 while it lets shots in, `Infinity` while isolated. */
  get retryAfter(): Millis {
    if (this.#state === closed) return 0;
    return retryAfter(this.#state, this.#clock.now(), this.rules);
  }

  /** A permit, or 0 when the cushion lets nobody in now, or others wait. Each permit must be settled once. */
  enter(): Permit {
    // Those who came first go first: no newcomer overtakes the ramp.
    if (this.#parking.size > 0) return 0;
    if (this.#state === closed) return this.#epoch;
    return this.#due ? this.#knock() : 0;
  }

  /** The same for whoever is first. The clock has the last word: a thread that blocks hears no timer. */
  #enter(): Permit {
    if (this.#state === closed) return this.#epoch;
    return this.#due || this.retryAfter <= 0 ? this.#knock() : 0;
  }

  #knock(): Permit {
    const before = this.#state;
    this.#on({ type: 'knock', now: this.#clock.now() });
    // A listener that was told of it may have isolated the circuit meanwhile.
    if (this.#state === before || this.state === 'isolated') return 0;
    // Who waits must be woken even if this probe hangs.
    if (this.#timer === undefined) this.#schedule();
    return this.#epoch;
  }

  /**
   * A permit, now or after waiting in the parking, which `whenOpen: 'park'` and patience allow. A refusal
   * is returned, since throwing it costs more than making it; a promise rejects with it where it stays
   * open, and with the signal's reason when that aborts.
   */
  admit(patience: Millis = 0, signal?: AbortSignal): Permit | Promise<Permit> | CircuitOpenError {
    const mayPark = this.rules.whenOpen === 'park' && patience > 0 && this.state !== 'isolated';
    // Who cannot wait would never get in behind those who can.
    const permit = mayPark ? this.enter() : this.#enter();
    if (permit !== 0) return permit;
    if (!mayPark || this.#state.at === 'isolated') return this.#refusal();
    if (this.#parking.size >= this.rules.maxParked) {
      return this.#refusal(`, and ${this.rules.maxParked} shots wait for it already`);
    }
    const waiting = this.#parking.wait(patience, signal, () => this.#refusal());
    if (this.#parking.size === 1) this.#schedule();
    return waiting;
  }

  /** Whether what comes of a permit still counts. */
  isCurrent(permit: Permit): boolean {
    return permit === this.#epoch;
  }

  /** The service answered. */
  succeed(permit: Permit): void {
    if (permit !== this.#epoch) return;
    if (this.#state === closed) {
      this.#window.success();
      this.#goOn(true);
      return;
    }
    this.#on({ type: 'probe-ok' });
    this.#startRamp();
  }

  /** The service is ill. */
  fail(permit: Permit): void {
    if (permit !== this.#epoch) return;
    const now = this.#clock.now();
    if (this.#state.at === 'half-open') {
      this.#on({ type: 'probe-failed', now, chance: this.#random() });
    } else if (this.#window.failure(now)) {
      this.#on({ type: 'trip', now, chance: 0 });
    } else this.#goOn(false);
    this.#schedule();
  }

  /** The shot says nothing about the service: cancelled, or a matter of this one connection. */
  release(permit: Permit): void {
    if (permit !== this.#epoch) return;
    if (this.#state.at === 'half-open') this.#on({ type: 'probe-gone' });
    else this.#goOn(false);
    this.#schedule();
  }

  /** Keeps every shot out until `close()`: for an operator. Those parked are rejected. */
  isolate(): void {
    this.#on({ type: 'isolate' });
    this.#parking.refuseAll(() => this.#refusal());
  }

  /** Closes it by hand, whatever it saw. */
  close(): void {
    this.#on({ type: 'close' });
    this.#window.clear();
    this.#startRamp();
  }

  /** Calls `listener` at each change of state until the returned function is called. */
  onChange(listener: CircuitListener): () => void {
    return this.#listeners.add(listener);
  }

  #on(event: Event): void {
    const before = this.#state;
    const next = step(before, event, this.rules);
    this.#state = next;
    if (isSameRound(before, next)) return;
    this.#epoch += 1;
    if (next.at === before.at) return;
    this.#ramp.end();
    this.#due = next.at === 'half-open';
    if (next.at === 'closed') this.#window.clear();
    if (next.at === 'open' && 'now' in event) this.#arm(next.until - event.now);
    else this.#disarm();
    this.#listeners.tell(next.at, before.at, () => ({
      service: this.name,
      previous: before.at,
      retryAfter: this.retryAfter,
    }));
  }

  #startRamp(): void {
    this.#ramp.begin();
    this.#admitParked(this.#ramp.next());
  }

  /** One that was let in came back. */
  #goOn(answered: boolean): void {
    if (!this.#ramp.active) return;
    const count = this.#ramp.cameBack(this.#clock.now(), answered);
    if (count > 0) this.#admitParked(count);
  }

  #admitParked(count: number): void {
    for (let n = 0; n < count && this.#state === closed; n++) {
      if (!this.#parking.admitNext(this.#epoch)) break;
      this.#ramp.letIn(this.#clock.now());
    }
    if (this.#parking.size === 0) this.#ramp.end();
    if (this.#state === closed) this.#disarm();
    this.#schedule();
  }

  /** Makes sure that something wakes the parked, whatever the state. */
  #schedule(): void {
    if (this.#parking.size === 0 || this.state === 'isolated') return;
    if (this.#state === closed) {
      // What happens meanwhile does not put the next step off.
      if (this.#timer === undefined) this.#arm(rampPatience);
      return;
    }
    const permit = this.#enter();
    if (permit !== 0) {
      this.#parking.admitNext(permit);
      this.#schedule();
    } else if (this.state === 'open') this.#timer?.ref();
    // A listener that was told of it may have sent them away.
    else if (this.#parking.size > 0) this.#arm(Math.max(1, this.retryAfter));
  }

  #arm(delay: Millis): void {
    this.#disarm();
    this.#timer = this.#clock.after(delay, this.#ring);
    // Only what somebody waits for keeps the process alive.
    if (this.#parking.size === 0) this.#timer.unref();
  }

  readonly #ring = (): void => {
    this.#timer = undefined;
    if (this.#state === closed) {
      this.#admitParked(this.#ramp.next());
      return;
    }
    this.#due = true;
    this.#schedule();
  };

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #refusal(more?: string): CircuitOpenError {
    return refusal(this.name, this.state, this.retryAfter, more);
  }
}
