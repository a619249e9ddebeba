/** A circuit is the live half of a cushion (circuit breaker): its state, its permits, its queue. */
import type { Clock, Millis, Random } from '../clock.js';
import { CircuitOpenError } from '../errors.js';
import { tell } from '../listener.js';
import { Parking, type Permit } from './parking.js';
import type { CushionRules } from './rules.js';
import { closed, type Event, isSameRound, type State, step } from './transitions.js';
import { createWindow, type Window } from './window.js';

/** What a cushion is doing. */
export type CushionState = State['at'];

/** Told of each change of state; what it throws is dropped. */
export type CircuitListener = (state: CushionState, previous: CushionState) => void;

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
  readonly #listeners = new Set<CircuitListener>();
  #state: State = closed;
  /**
   * Each change of state begins an epoch, and so does each round of probes after one that hung;
   * a result from an older epoch decides nothing.
   */
  #epoch: Permit = 1;
  /** How many of the parked the next step of the ramp lets in; 0 when there is no ramp. */
  #ramp = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(name: string, rules: CushionRules, clock: Clock, random: Random) {
    this.name = name;
    this.rules = rules;
    this.#clock = clock;
    this.#random = random;
    this.#window = createWindow(this.rules.window);
    this.#parking = new Parking(this.#clock, () => this.#disarm());
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
    const state = this.#state;
    if (state.at === 'isolated') return Number.POSITIVE_INFINITY;
    if (state.at === 'open') return Math.max(0, state.until - this.#clock.now());
    if (state.at === 'half-open' && state.out >= this.rules.probes) {
      return Math.max(0, state.lease - this.#clock.now());
    }
    return 0;
  }

  /** A permit, or 0 when the cushion lets nobody in now. Each permit must be settled once. */
  enter(): Permit {
    if (this.#state.at === 'closed') return this.#epoch;
    const before = this.#state;
    this.#on({ type: 'knock', now: this.#clock.now() });
    // A listener that was told of it may have isolated the circuit meanwhile.
    return this.#state === before || this.state === 'isolated' ? 0 : this.#epoch;
  }

  /**
   * A permit, now or after waiting in the parking, which `whenOpen: 'park'` and patience allow.
   * @throws {CircuitOpenError} when it stays open; the signal's reason when that aborts.
   */
  admit(patience: Millis = 0, signal?: AbortSignal): Permit | Promise<Permit> {
    const mayPark = this.rules.whenOpen === 'park' && patience > 0 && this.state !== 'isolated';
    const first = this.#parking.size === 0;
    // Those who came first go first: no newcomer overtakes the ramp.
    const permit = mayPark && !first ? 0 : this.enter();
    if (permit !== 0) return permit;
    if (!mayPark || this.#state.at === 'isolated') throw this.#refusal();
    if (this.#parking.size >= this.rules.maxParked) {
      throw this.#refusal(`, and ${this.rules.maxParked} shots wait for it already`);
    }
    const waiting = this.#parking.wait(patience, signal, () => this.#refusal());
    if (first) this.#schedule();
    return waiting;
  }

  /** The service answered. */
  succeed(permit: Permit): void {
    if (permit !== this.#epoch) return;
    if (this.#state.at === 'half-open') {
      this.#on({ type: 'probe-ok' });
      this.#startRamp();
      return;
    }
    this.#window.success(this.#clock.now());
    // Each released shot that gets its answer lets two more in: 1, 2, 4, …
    if (this.#ramp > 0) this.#admitParked(2);
  }

  /** The service is ill. */
  fail(permit: Permit): void {
    if (permit !== this.#epoch) return;
    const now = this.#clock.now();
    if (this.#state.at === 'half-open') {
      this.#on({ type: 'probe-failed', now, chance: this.#random() });
    } else if (this.#window.failure(now)) {
      this.#on({ type: 'trip', now, chance: this.#random() });
    }
    this.#schedule();
  }

  /** The shot says nothing about the service: cancelled, or a matter of this one connection. */
  release(permit: Permit): void {
    if (permit !== this.#epoch) return;
    if (this.#state.at === 'half-open') this.#on({ type: 'probe-gone' });
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
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #on(event: Event): void {
    const before = this.#state;
    const next = step(before, event, this.rules);
    this.#state = next;
    if (isSameRound(before, next)) return;
    this.#epoch += 1;
    if (next.at === before.at) return;
    this.#ramp = 0;
    if (next.at === 'closed') this.#window.clear();
    for (const listener of this.#listeners) tell(listener, next.at, before.at);
  }

  /** After a recovery the parked go in one, two, four, …: not as a herd. */
  #startRamp(): void {
    this.#ramp = 1;
    this.#release();
  }

  #release(): void {
    const count = this.#ramp;
    this.#ramp *= 2;
    this.#admitParked(count);
  }

  #admitParked(count: number): void {
    for (let n = 0; n < count && this.#state.at === 'closed'; n++) {
      if (!this.#parking.admitNext(this.#epoch)) break;
    }
    if (this.#parking.size === 0) this.#ramp = 0;
    this.#disarm();
    this.#schedule();
  }

  /** Makes sure that something wakes the parked, whatever the state; no timer when nobody waits. */
  #schedule(): void {
    if (this.#parking.size === 0 || this.state === 'isolated') return;
    if (this.#state.at === 'closed') {
      // What happens meanwhile does not put the next step off.
      if (this.#cancelTimer === undefined) this.#arm(rampPatience);
      return;
    }
    const permit = this.enter();
    if (permit !== 0) {
      this.#parking.admitNext(permit);
      this.#schedule();
      return;
    }
    // A listener that was told of it may have sent them away.
    if (this.#parking.size > 0) this.#arm(Math.max(1, this.retryAfter));
  }

  #arm(delay: Millis): void {
    this.#disarm();
    this.#cancelTimer = this.#clock.after(delay, () => {
      this.#cancelTimer = undefined;
      if (this.#state.at === 'closed') this.#release();
      else this.#schedule();
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #refusal(more: string = ''): CircuitOpenError {
    const { retryAfter } = this;
    const when =
      retryAfter === Number.POSITIVE_INFINITY
        ? 'until somebody closes it'
        : `for ${Math.ceil(retryAfter)} ms`;
    return new CircuitOpenError(
      this.name,
      retryAfter,
      `the cushion (circuit breaker) of ${this.name} is ${this.state} ${when}${more}: nothing was sent`,
    );
  }
}
