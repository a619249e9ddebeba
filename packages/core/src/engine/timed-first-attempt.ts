/** A first attempt with a clock running: its promise can be settled without it (fast path with a timeout). */
import { AsyncResource } from 'node:async_hooks';
import { endless } from '../clock.js';
import type { Permit } from '../parking.js';
import { TimedAttempt } from '../timeout/attempt.js';
import { Deadline, type Deadlines } from '../timeout/deadlines.js';
import { timeoutError, whenCancelled } from '../timeout/shot-clock.js';
import type { Admitter } from './admission.js';
import type { Course } from './course.js';
import { finalSequence } from './final.js';
import type { FreeList, Reusable } from './free-list.js';
import { playOn } from './game.js';
import { nativePromise } from './native-promise.js';
import { playWork, shotOf, type Work } from './shot.js';

type Resolve<T> = (value: T | PromiseLike<T>) => void;

// One function for all promises: a closure for each would be a sixth of what such a shot allocates.
let captured: Resolve<unknown>;
const capture = (resolve: Resolve<unknown>): void => {
  captured = resolve;
};

/** The record of such an attempt. Used again by the next shot, unless the clock ran out. */
export class TimedFirstAttempt<T> extends Deadline implements Reusable<TimedFirstAttempt<unknown>> {
  nextFree: TimedFirstAttempt<unknown> | undefined;
  readonly #admitter: Admitter;
  readonly #free: FreeList<TimedFirstAttempt<unknown>>;
  readonly #deadlines: Deadlines;
  #work: Work<T> | undefined;
  #permit: Permit = 0;
  #inner = 0;
  /** Where somebody hears of the shot. */
  #course: Course<T> | undefined;
  #resolve: Resolve<T> | undefined;
  /** Undefined when it is over. */
  #attempt: TimedAttempt | undefined;
  /** Why nobody waits any more; from then on the record is no other shot's. */
  #rang: { readonly reason: unknown } | undefined;
  /** The caller's async context, since the timer is that of many. A promise for it would cost twice as much. */
  #context: AsyncResource | undefined;

  constructor(
    admitter: Admitter,
    free: FreeList<TimedFirstAttempt<unknown>>,
    deadlines: Deadlines,
  ) {
    super();
    this.#admitter = admitter;
    this.#free = free;
    this.#deadlines = deadlines;
  }

  play(work: Work<T>, permit: Permit, course: Course<T> | undefined): Promise<T> {
    const promise = new Promise<T>(capture as never);
    // Never used again: an action may keep it, and its signal must not become another shot's.
    const attempt = course?.begin(true) ?? new TimedAttempt(1);
    this.#resolve = captured;
    this.#attempt = attempt;
    this.#work = work;
    this.#permit = permit;
    this.#inner = finalSequence();
    this.#course = course;
    this.#context = new AsyncResource('CaromShot');
    this.#deadlines.arm(this);
    try {
      nativePromise(course === undefined ? playWork(work, attempt) : course.play(attempt)).then(
        this.#succeeded,
        this.#failed,
      );
    } catch (error) {
      this.#failed(error);
    }
    return promise;
  }

  /** What comes of the attempt now is nobody's business, and nobody's unhandled rejection. */
  ring(): void {
    this.#context?.runInAsyncScope(this.#ranOut);
  }

  readonly #ranOut = (): void => {
    const { rules } = this.#admitter;
    const reason = timeoutError(rules, rules.timeout ?? endless);
    const { cancel } = shotOf(this.#work as Work<T>);
    this.#rang = { reason };
    this.#attempt?.abandon(reason);
    whenCancelled(cancel?.bind(this.#work), reason, this.#giveUp);
  };

  /** Unless it ended by itself while it was being cancelled. */
  readonly #giveUp = (): void => {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#attempt = undefined;
    this.#playOn(this.#rang?.reason, attempt);
  };

  readonly #succeeded = (value: T): void => {
    if (this.#attempt === undefined) return;
    const resolve = this.#resolve;
    const permit = this.#permit;
    const admitter = this.#course ?? this.#admitter;
    if (this.#rang === undefined) this.#rest();
    else this.#attempt = undefined;
    admitter.succeed(permit);
    resolve?.(value);
  };

  readonly #failed = (error: unknown): void => {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    if (this.#rang !== undefined) {
      this.#giveUp();
      return;
    }
    this.#playOn(error, attempt);
    this.#rest();
  };

  #playOn(error: unknown, attempt: TimedAttempt | undefined): void {
    const shot = shotOf(this.#work as Work<T>);
    const startedAt = this.at - this.#deadlines.limit;
    const first = { error, permit: this.#permit, inner: this.#inner, attempt, startedAt };
    this.#resolve?.(playOn(this.#admitter.rules, shot, first, this.#course));
  }

  #rest(): void {
    this.#deadlines.disarm(this);
    this.#attempt = undefined;
    this.#work = undefined;
    this.#course = undefined;
    this.#resolve = undefined;
    this.#context = undefined;
    this.#free.put(this as TimedFirstAttempt<unknown>);
  }
}
