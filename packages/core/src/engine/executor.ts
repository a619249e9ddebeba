/** An executor is a strategy compiled: all policies in one frame, for as long as nothing has to wait. */
import { endless } from '../clock.js';
import type { Permit } from '../parking.js';
import { board } from '../telemetry/board.js';
import { Deadlines } from '../timeout/deadlines.js';
import { enterNow } from './admission.js';
import { FirstAttempt } from './first-attempt.js';
import { FreeList } from './free-list.js';
import { play } from './game.js';
import type { Rules } from './rules.js';
import { shotOf, type Work } from './shot.js';
import { TimedFirstAttempt } from './timed-first-attempt.js';

/** Plays shots by one set of rules. */
export class Executor {
  readonly rules: Rules;
  readonly #free = new FreeList<FirstAttempt<unknown>>();
  readonly #freeTimed = new FreeList<TimedFirstAttempt<unknown>>();
  readonly #deadlines: Deadlines | undefined;

  constructor(rules: Rules) {
    this.rules = rules;
    const { clock, timeout = endless, attemptTimeout = endless } = rules;
    const limit = Math.min(timeout, attemptTimeout);
    if (limit !== endless) this.#deadlines = new Deadlines(clock, limit);
  }

  /** Plays an action, or a shot that an adapter describes. */
  play<T>(work: Work<T>): Promise<T> {
    const permit = this.enter();
    if (permit === 0) return play(this.rules, shotOf(work));
    if (this.#deadlines === undefined) {
      const record = this.#free.take() ?? new FirstAttempt<unknown>(this.rules, this.#free);
      return (record as FirstAttempt<T>).play(work, permit);
    }
    const record =
      this.#freeTimed.take() ??
      new TimedFirstAttempt<unknown>(this.rules, this.#freeTimed, this.#deadlines);
    return (record as TimedFirstAttempt<T>).play(work, permit);
  }

  /** Whether a clock runs from the first attempt on. */
  get timed(): boolean {
    return this.#deadlines !== undefined;
  }

  /** A permit for a first attempt on the fast path; 0 where there is none for this shot. */
  enter(): Permit {
    const { rules } = this;
    if (!rules.plain || board.everyShot !== 0) return 0;
    const permit = enterNow(rules);
    if (permit !== 0) rules.budget?.deposit();
    return permit;
  }
}
