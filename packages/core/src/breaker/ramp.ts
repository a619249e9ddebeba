/** A ramp is how the parked go in after a recovery (slow start): more and more, as long as answers stay quick. */
import { endless, type Millis } from '../clock.js';

/** Clocks are no finer than this. */
const instant: Millis = 1;

/**
 * Each answer lets two more in, 1, 2, 4, …, until answers take twice as long as the quickest did: then
 * there is a queue at the service, and each lets one in. Without that brake the parked fill the queue
 * faster than it empties, all run into their timeouts, and the circuit opens again and again (simulated:
 * 36 % of what the service could do, for ever; with it all of it, in half a second).
 */
export class Ramp {
  /** How many the next step lets in; 0 when there is no ramp. */
  #step = 0;
  #best: Millis = endless;
  /** When those on their way were let in, the oldest first. */
  #since: Millis[] = [];

  get active(): boolean {
    return this.#step > 0;
  }

  begin(): void {
    this.#step = 1;
    this.#best = endless;
    this.#since = [];
  }

  end(): void {
    this.#step = 0;
  }

  /** How many go in where nobody has come back for a while: twice as many each time. */
  next(): number {
    const step = this.#step;
    this.#step *= 2;
    return step;
  }

  letIn(now: Millis): void {
    this.#since.push(now);
  }

  /** How many may follow one that came back: none where it had no answer. */
  cameBack(now: Millis, answered: boolean): number {
    const took = now - (this.#since.shift() ?? now);
    // A dead connection says so sooner than any answer comes, and would make all of them look slow.
    if (!answered) return 0;
    this.#best = Math.min(this.#best, Math.max(took, instant));
    return took <= 2 * this.#best ? 2 : 1;
  }
}
