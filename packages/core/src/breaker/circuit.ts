/** A circuit is the live half of a cushion (circuit breaker): its state, its permits, its queue. */
import { type Clock, endless, type Millis, type Random } from '../clock.js';
import type { CircuitOpenError } from '../errors.js';
import { nobody, Parking, type Permit } from '../parking.js';
import { type CircuitListener, circuitListeners } from './listeners.js';
import { endProbes, isInProbe } from './probe.js';
import { Asking, type Prober } from './prober.js';
import { refusal } from './refusal.js';
import { type Release, releaseOf } from './release.js';
import type { CushionRules } from './rules.js';
import type { CushionState, Event, State } from './transitions.js';
import { closed, isSameRound, retryAfter, step } from './transitions.js';
import { batch, createWindow, type Window } from './window.js';

/** The state of one circuit. Every decision is made and recorded in one synchronous step. */
export class Circuit {
  /** The service or datasource it stands for; in messages and events. */
  readonly name: string;
  readonly rules: CushionRules;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #window: Window;
  readonly #parking: Parking;
  readonly #release: Release;
  readonly #listeners = circuitListeners();
  #state: State = closed;
  /** Grows with each change of state, and when a probe hung; a result of an older epoch decides nothing. */
  #epoch: Permit = 1;
  /** What a newcomer gets without a look at anything else: the epoch while it is closed and nobody waits, else `nobody`. */
  #pass: Permit = 1;
  /** Successes that the window does not have yet. It is told when there are `#batch`, somebody looks, or a failure comes. */
  #fresh = 0;
  #batch: number = batch.least;
  /** Whether a knock may be heard: a refusal while it is open reads no clock. */
  #due = false;
  /** Asks while it is open. Without one a shot has to. */
  readonly #asking = new Asking();

  constructor(name: string, rules: CushionRules, clock: Clock, random: Random) {
    this.name = name;
    this.rules = rules;
    this.#clock = clock;
    this.#random = random;
    this.#window = createWindow(rules.window, clock);
    const permit = (): Permit => (this.#state === closed ? this.#epoch : 0);
    this.#parking = new Parking(clock, this.#emptied);
    this.#release = releaseOf(this.#parking, clock, permit, this.#ring);
  }

  get state(): CushionState {
    return this.#state.at;
  }

  get parked(): number {
    return this.#parking.size;
  }

  /** When asking again makes sense, in ms from now; 0 while it lets shots in, `Infinity` while isolated. */
  get retryAfter(): Millis {
    const asked = this.state === 'open' ? this.#asking.prober?.retryAfter : undefined;
    return asked ?? retryAfter(this.#state, this.#clock.now(), this.rules);
  }

  /** How many of the calls in its window failed, and of how many. */
  get recent(): { readonly failed: number; readonly total: number } {
    return this.#window.count(this.#remember());
  }

  /** A permit while it is closed and nobody waits, else 0: who knocks is a probe. Each permit must be settled once. */
  enterClosed(): Permit {
    return this.#pass === nobody ? 0 : this.#pass;
  }

  /** A permit, or 0 when the cushion lets nobody in now, or others wait. */
  enter(): Permit {
    return this.#pass !== nobody || !this.#due ? this.enterClosed() : this.#come(true);
  }

  /** Those who came first go first, so that no newcomer overtakes the ramp; who is part of a probe has come with it. */
  #come(mayWait: boolean, left?: Millis): Permit {
    const inner = this.#state.at === 'half-open' && isInProbe(this);
    const permit = mayWait && !inner && this.parked > 0 ? 0 : this.#enter(left, inner);
    // Those who wait take the other places, or must be woken even if this probe hangs.
    if (permit !== 0) this.#schedule();
    return permit;
  }

  /** For whoever is first. The clock has the last word: a thread that blocks hears no timer. */
  #enter(left?: Millis, inner: boolean = false): Permit {
    const before = this.#state;
    if (before === closed) return this.#epoch;
    if (before.at === 'open' && this.#asking.prober !== undefined) return 0;
    if (!this.#due && (left ?? this.retryAfter) > 0) return 0;
    this.#on({ type: 'knock', now: this.#clock.now(), inner });
    // A listener that was told of it may have isolated the circuit meanwhile, or found it ill again.
    const isIn = this.#state !== before && this.state !== 'isolated' && this.state !== 'open';
    return isIn ? this.#epoch : 0;
  }

  /**
   * A permit, now or after waiting in the parking, which `whenOpen: 'park'` and patience allow. A refusal is returned, since
   * throwing it costs more; a promise rejects with it where it stays open, and with the signal's reason when that aborts.
   */
  admit(patience: Millis = 0, signal?: AbortSignal): Permit | Promise<Permit> | CircuitOpenError {
    const mayPark = this.rules.whenOpen === 'park' && patience > 0;
    const before = this.#state;
    const left = mayPark ? undefined : this.retryAfter;
    // Who cannot wait would never get in behind those who can.
    const permit = this.#come(mayPark, left);
    if (permit !== 0) return permit;
    // One look at the clock for both, unless a listener has changed the state meanwhile.
    const known = this.#state === before ? left : undefined;
    if (!mayPark || this.state === 'isolated') return refusal(this, known);
    if (this.parked >= this.rules.maxParked) return refusal(this, undefined, this.parked);
    const waiting = this.#parking.wait(patience, signal, () => refusal(this));
    if (this.parked === 1) this.#schedule();
    return waiting;
  }

  /** Whether what comes of a permit still counts. */
  isCurrent(permit: Permit): boolean {
    return permit === this.#epoch;
  }

  /** The service answered: while it is closed and nobody waits, as nearly always, there is nothing to do but to count. */
  succeed(permit: Permit): void {
    if (permit === this.#pass) {
      this.#fresh += 1;
      if (this.#fresh >= this.#batch) this.#remember();
    } else if (permit === this.#epoch) this.#cameBack();
  }

  #cameBack(): void {
    if (this.#state === closed) {
      this.#fresh += 1;
      this.#release.cameBack(true);
    } else this.#recovered({ type: 'probe-ok' });
  }

  #recovered(event: Event): void {
    this.#on(event);
    // Unless a listener that was told of it has opened it again: then the next probe wakes those parked.
    if (this.#state === closed) this.#release.begin();
  }

  /** The service is ill. */
  fail(permit: Permit): void {
    if (permit !== this.#epoch) return;
    const now = this.#remember();
    if (this.#state.at === 'half-open')
      this.#on({ type: 'probe-failed', now, chance: this.#random() });
    else if (this.#window.failure(now)) this.#on({ type: 'trip', now, chance: 0 });
    else this.#release.cameBack(false);
    this.#schedule();
  }

  /** The shot says nothing about the service: cancelled, or a matter of this one connection. */
  release(permit: Permit): void {
    if (permit !== this.#epoch) return;
    if (this.#state.at === 'half-open') this.#on({ type: 'probe-gone' });
    else this.#release.cameBack(false);
    this.#schedule();
  }

  /** Keeps every shot out until `close()`: for an operator. Those parked are rejected, unless a listener has closed it again. */
  isolate(): void {
    this.#on({ type: 'isolate' });
    if (this.state === 'isolated') this.#parking.refuseAll(() => refusal(this));
  }

  /** Closes it by hand, whatever it saw. */
  close(): void {
    if (this.#state === closed) this.#forget();
    this.#recovered({ type: 'close' });
  }

  /** From now on `prober` asks while it is open, and no shot is let in to find out; `undefined`: as before. */
  probedBy(prober: Prober | undefined): void {
    if (this.#state.at === 'open') this.#asking.end();
    this.#asking.prober = prober;
    if (this.#state.at === 'open') this.#opened(this.#state.until, this.#clock.now());
  }

  /** The prober had its answer: those parked go in, step by step. */
  answered(): void {
    if (this.state === 'open' && !this.#asking.isEarly(this)) this.#recovered({ type: 'answered' });
  }

  /** Calls `listener` at each change of state until the returned function is called. */
  onChange(listener: CircuitListener): () => void {
    return this.#listeners.add(listener);
  }

  #on(event: Event): void {
    const before = this.#state;
    const next = step(before, event, this.rules);
    this.#state = next;
    if (!isSameRound(before, next)) this.#epoch += 1;
    if (before.at === 'half-open' && !isSameRound(before, next)) endProbes(this);
    if (next.at === before.at) return;
    this.#pass = next === closed && this.#parking.size === 0 ? this.#epoch : nobody;
    this.#release.end();
    this.#due = next.at === 'half-open';
    if (next.at === 'closed') this.#forget();
    if (next.at === 'open' && 'now' in event) this.#opened(next.until, event.now);
    if (before.at === 'open') this.#asking.end();
    this.#listeners.tell(this, before.at, event.type);
  }

  #opened(until: Millis, now: Millis): void {
    this.#due = this.#asking.prober === undefined && until <= now;
    this.#release.arm(this.#asking.prober === undefined ? until : endless);
    this.#asking.begin();
  }

  #remember(now: Millis = this.#clock.now()): Millis {
    this.#batch = this.#window.successes(this.#fresh, now);
    this.#fresh = 0;
    return now;
  }

  #forget(): void {
    this.#fresh = 0;
    this.#window.clear();
  }

  /** Makes sure that something wakes the parked; while it is closed the ramp does. */
  #schedule(): void {
    if (this.parked === 0 || this.#state === closed || this.state === 'isolated') return;
    const permit = this.#enter();
    if (permit !== 0) {
      if (this.#parking.admitNext(permit)) this.#schedule();
      // A listener that was told of it has sent them away: nobody is to keep their place.
      else this.release(permit);
    } else if (this.state === 'open') this.#release.hold();
    else if (this.parked > 0) this.#release.arm(this.#clock.now() + Math.max(1, this.retryAfter));
  }

  /** Nobody waits any more: only the end of the open time is still of use. */
  readonly #emptied = (): void => {
    this.#release[this.state === 'open' ? 'hold' : 'end']();
    this.#pass = this.#state === closed ? this.#epoch : nobody;
  };

  readonly #ring = (): void => {
    this.#due = this.#state !== closed;
    if (this.#due) this.#schedule();
    else this.#release.step();
  };
}
