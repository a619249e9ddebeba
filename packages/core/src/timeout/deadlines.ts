/** Deadlines: many timeouts of one length on a single timer, since they fall due in the order they were armed. */
import type { Clock, Millis, Timer } from '../clock.js';

/** One deadline: a link of the list, so that arming it allocates nothing. */
export abstract class Deadline {
  /** When it falls due, by the clock. */
  at: Millis = 0;
  next: Deadline | undefined;
  previous: Deadline | undefined;

  /** It has fallen due. */
  abstract ring(): void;
}

/** All deadlines of one length. Arming and disarming take constant time and no timer of their own. */
export class Deadlines {
  readonly limit: Millis;
  readonly #clock: Clock;
  #first: Deadline | undefined;
  #last: Deadline | undefined;
  /**
   * Stays when the last deadline is disarmed, since the next is soon to come; it does not keep the
   * process alive then.
   */
  #timer: Timer | undefined;
  #ringing = false;

  constructor(clock: Clock, limit: Millis) {
    this.#clock = clock;
    this.limit = limit;
  }

  /** Arms one that is not armed. */
  arm(deadline: Deadline): void {
    deadline.at = this.#clock.now() + this.limit;
    deadline.previous = this.#last;
    const first = this.#last === undefined;
    if (this.#last === undefined) this.#first = deadline;
    else this.#last.next = deadline;
    this.#last = deadline;
    if (this.#ringing) return;
    if (this.#timer === undefined) this.#timer = this.#clock.after(this.limit, this.#ring);
    else if (first) this.#timer.ref();
  }

  /** Disarms one that is armed. */
  disarm(deadline: Deadline): void {
    const { next, previous } = deadline;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    deadline.next = undefined;
    deadline.previous = undefined;
    if (this.#last === undefined) this.#timer?.unref();
  }

  readonly #ring = (): void => {
    this.#timer = undefined;
    this.#ringing = true;
    const now = this.#clock.now();
    while (this.#first !== undefined && this.#first.at <= now) {
      const due = this.#first;
      this.disarm(due);
      due.ring();
    }
    this.#ringing = false;
    if (this.#first !== undefined) {
      // What rang may have blocked the thread.
      this.#timer = this.#clock.after(this.#first.at - this.#clock.now(), this.#ring);
    }
  };
}
