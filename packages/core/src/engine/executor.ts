/** An executor is a strategy compiled: all policies in one frame, for as long as nothing has to wait. */
import type { Circuit } from '../breaker/circuit.js';
import { endless } from '../clock.js';
import type { Permit } from '../parking.js';
import { board } from '../telemetry/board.js';
import { Deadlines } from '../timeout/deadlines.js';
import { enterNow, leave } from './admission.js';
import type { Course } from './course.js';
import { FirstAttempt } from './first-attempt.js';
import { FreeList } from './free-list.js';
import { play } from './game.js';
import type { Rules } from './rules.js';
import type { Work } from './shot.js';
import { TimedFirstAttempt } from './timed-first-attempt.js';
import { isContended } from './turn.js';

/** Plays shots by one set of rules. */
export class Executor {
  readonly rules: Rules;
  /** Whether the first attempt needs nothing but its permits, and perhaps a clock. */
  readonly #plain: boolean;
  /** The circuit, where such an attempt passes nothing else: at hand, since a look into the rules costs as much as to enter. */
  readonly #only: Circuit | undefined;
  readonly #free = new FreeList<FirstAttempt<unknown>>();
  readonly #freeTimed = new FreeList<TimedFirstAttempt<unknown>>();
  readonly #deadlines: Deadlines | undefined;

  constructor(rules: Rules) {
    this.rules = rules;
    const { clock, timeout = endless, attemptTimeout = endless, signal, whenResult } = rules;
    const { circuit, gates, budget } = rules;
    const slowAfter = circuit?.rules.slowAfter ?? endless;
    this.#plain = signal === undefined && whenResult === undefined && slowAfter === endless;
    this.#only = this.#plain && gates.length === 0 && budget === undefined ? circuit : undefined;
    const limit = Math.min(timeout, attemptTimeout);
    if (limit !== endless) this.#deadlines = new Deadlines(clock, limit);
  }

  /** Plays an action, or a shot that an adapter describes. */
  play<T>(work: Work<T>): Promise<T> {
    const only = this.#only;
    const permit = only === undefined || board.everyShot !== 0 ? this.#enter() : only.enterClosed();
    return permit === 0
      ? play(this.rules, work, this.#plain ? this : undefined)
      : this.first(work, permit);
  }

  /** Plays the first attempt of the permit; with its course, where somebody hears of the shot. */
  first<T>(work: Work<T>, permit: Permit, course?: Course<T>): Promise<T> {
    if (this.#deadlines === undefined) {
      const record = this.#free.take() ?? new FirstAttempt<unknown>(this, this.#free);
      return (record as FirstAttempt<T>).play(work, permit, course);
    }
    const record =
      this.#freeTimed.take() ??
      new TimedFirstAttempt<unknown>(this, this.#freeTimed, this.#deadlines);
    return (record as TimedFirstAttempt<T>).play(work, permit, course);
  }

  /** The circuit, where a first attempt passes nothing else and no clock can end it. */
  get only(): Circuit | undefined {
    return this.#deadlines === undefined ? this.#only : undefined;
  }

  /**
   * A permit for a first attempt that no clock can end; 0 where there is none for this shot. Not what `play` does, but
   * the same: the compiler inlines what it has seen at a place, and here it sees other shots.
   */
  enter(): Permit {
    if (this.#deadlines !== undefined) return 0;
    const only = this.#only;
    return only === undefined || board.everyShot !== 0 ? this.#enter() : only.enterClosed();
  }

  #enter(): Permit {
    if (!this.#plain || board.everyShot !== 0) return 0;
    const { rules } = this;
    // Where there is contention a shot may have to take turns.
    const permit = isContended(rules) ? 0 : enterNow(rules);
    if (permit !== 0) rules.budget?.deposit();
    return permit;
  }

  /** The attempt of the permit succeeded. */
  succeed(permit: Permit): void {
    if (this.#only === undefined) leave(this.rules, permit);
    else this.#only.succeed(permit);
  }
}
