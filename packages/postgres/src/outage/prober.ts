/** A prober is the health probe of one datasource: while its circuit is open it asks the server, in place of all shots. */
import {
  type Prober as CircuitsProber,
  type Clock,
  chanceOf,
  type Millis,
  type Random,
  type Timer,
} from '@carom/core';
import { nextLimit, pause } from './pace.js';
import type { Finding } from './question.js';

/** What a prober is made of. */
export interface ProberSettings {
  readonly clock: Clock;
  readonly random: Random;
  /** Asks once; never throws. */
  readonly ask: () => Promise<Finding>;
  /** Told of the answer that was waited for. */
  readonly answered: () => void;
}

/** Asks one question at a time, and keeps no process alive. */
export class Prober implements CircuitsProber {
  readonly #settings: ProberSettings;
  /** Grows with each start and stop: an answer to an older question decides nothing. */
  #round = 0;
  #isWanted = false;
  #isAsking = false;
  #since: Millis = 0;
  #limit: Millis | undefined;
  #next: Millis = 0;
  #timer: Timer | undefined;
  /** What was found last. */
  finding: Finding | undefined;

  constructor(settings: ProberSettings) {
    this.#settings = settings;
  }

  start(): void {
    this.#round += 1;
    this.#isWanted = true;
    this.#since = this.#settings.clock.now();
    this.#limit = undefined;
    // The question on its way, if there is one, is followed by the next.
    if (!this.#isAsking) this.#pause();
  }

  stop(): void {
    this.#round += 1;
    this.#isWanted = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** While a question is on its way: after the pause that follows it at the latest. */
  get retryAfter(): Millis {
    const wait = this.#next - this.#settings.clock.now();
    return wait > 0 ? wait : (this.#limit ?? nextLimit(undefined, 0));
  }

  #pause(): void {
    const { clock, random } = this.#settings;
    this.#timer?.cancel();
    this.#limit = nextLimit(this.#limit, clock.now() - this.#since);
    const delay = pause(this.#limit, chanceOf(random));
    this.#next = clock.now() + delay;
    this.#timer = clock.after(delay, () => void this.#ask());
    this.#timer.unref();
  }

  async #ask(): Promise<void> {
    const round = this.#round;
    this.#timer = undefined;
    this.#isAsking = true;
    const finding = await this.#settings.ask();
    this.#isAsking = false;
    if (!this.#isWanted) return;
    if (round === this.#round) this.finding = finding;
    if (round === this.#round && finding.isUp) this.#settings.answered();
    else this.#pause();
  }
}
