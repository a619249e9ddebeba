/** An executor is a strategy compiled: all policies in one frame, for as long as nothing has to wait. */
import type { Circuit } from '../breaker/circuit.js';
import { endless } from '../clock.js';
import type { Permit } from '../parking.js';
import { board } from '../telemetry/board.js';
import { Deadlines } from '../timeout/deadlines.js';
import { enterNow, free, settle } from './admission.js';
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
  // What each shot reads, at hand: a look into the rules costs as much as half of an entry.
  /** Whether the first attempt needs nothing but its permits, and perhaps a clock. */
  readonly #plain: boolean;
  readonly #circuit: Circuit | undefined;
  /** The rules, where a shot passes more than the cushion. */
  readonly #more: Rules | undefined;
  readonly #free = new FreeList<FirstAttempt<unknown>>();
  readonly #freeTimed = new FreeList<TimedFirstAttempt<unknown>>();
  readonly #deadlines: Deadlines | undefined;

  constructor(rules: Rules) {
    this.rules = rules;
    const { clock, timeout = endless, attemptTimeout = endless, signal, whenResult } = rules;
    const { circuit, gates, budget } = rules;
    const slowAfter = circuit?.rules.slowAfter ?? endless;
    this.#plain = signal === undefined && whenResult === undefined && slowAfter === endless;
    this.#circuit = circuit;
    this.#more = gates.length === 0 && budget === undefined ? undefined : rules;
    const limit = Math.min(timeout, attemptTimeout);
    if (limit !== endless) this.#deadlines = new Deadlines(clock, limit);
  }

  /** Plays an action, or a shot that an adapter describes. */
  play<T>(work: Work<T>): Promise<T> {
    const permit = this.enter();
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

  /** Whether a clock runs from the first attempt on. */
  get timed(): boolean {
    return this.#deadlines !== undefined;
  }

  /** A permit for a first attempt on the fast path; 0 where there is none for this shot. */
  enter(): Permit {
    if (!this.#plain || board.everyShot !== 0) return 0;
    const more = this.#more;
    if (more === undefined) return this.#circuit === undefined ? free : this.#circuit.enter();
    // Where there is contention a shot may have to take turns.
    const permit = isContended(more) ? 0 : enterNow(more);
    if (permit !== 0) more.budget?.deposit();
    return permit;
  }

  /** The attempt of the permit succeeded. */
  succeed(permit: Permit): void {
    if (this.#more === undefined) this.#circuit?.succeed(permit);
    else settle(this.#more, permit, 'succeed');
  }
}
