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
  // These are there while it is played, and let go of when it rests.
  #work: Work<T> | undefined;
  #attempt: TimedAttempt | undefined;
  #resolve: Resolve<T> | undefined;
  /** The caller's async context, since the timer is that of many. A promise for it would cost twice as much. */
  #context: AsyncResource | undefined;
  #permit: Permit = 0;
  #inner = 0;
  /** Where somebody hears of the shot. */
  #course: Course<T> | undefined;
  /** From then on the record is no other shot's. */
  #hasRung = false;
  /** Why nobody waits any more. */
  #reason: unknown;
  /** It has rung, and nothing that comes of the attempt is of use any more. */
  #isOver = false;

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
    const attempt = course === undefined ? new TimedAttempt(1) : course.begin(true);
    this.#resolve = captured;
    this.#attempt = attempt;
    this.#work = work;
    this.#permit = permit;
    this.#inner = finalSequence();
    this.#course = course;
    this.#context = new AsyncResource('CaromShot');
    this.#deadlines.arm(this);
    try {
      nativePromise(
        course === undefined ? playWork(work, attempt) : course.play(attempt, permit),
      ).then(this.#succeeded, this.#failed);
    } catch (error) {
      this.#failed(error);
    }
    return promise;
  }

  /** What comes of the attempt now is nobody's business, and nobody's unhandled rejection. */
  ring(): void {
    (this.#context as AsyncResource).runInAsyncScope(this.#ranOut);
  }

  readonly #ranOut = (): void => {
    const { rules } = this.#admitter;
    this.#hasRung = true;
    this.#reason = timeoutError(rules, rules.timeout ?? endless);
    const { cancel } = shotOf(this.#work as Work<T>);
    (this.#attempt as TimedAttempt).abandon(this.#reason);
    whenCancelled(cancel?.bind(this.#work), this.#reason, this.#giveUp);
  };

  /** Unless it ended by itself while it was being cancelled. */
  readonly #giveUp = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#playOn(this.#reason);
  };

  readonly #succeeded = (value: T): void => {
    if (this.#isOver) return;
    const resolve = this.#resolve as Resolve<T>;
    const permit = this.#permit;
    const admitter = this.#course ?? this.#admitter;
    if (this.#hasRung) this.#isOver = true;
    else this.#rest();
    admitter.succeed(permit);
    resolve(value);
  };

  readonly #failed = (error: unknown): void => {
    if (this.#hasRung) {
      this.#giveUp();
      return;
    }
    this.#playOn(error);
    this.#rest();
  };

  #playOn(error: unknown): void {
    const shot = shotOf(this.#work as Work<T>);
    const attempt = this.#attempt;
    const startedAt = this.at - this.#deadlines.limit;
    const first = { error, permit: this.#permit, inner: this.#inner, attempt, startedAt };
    const played = playOn(this.#admitter.rules, shot, first, this.#course);
    (this.#resolve as Resolve<T>)(played);
  }

  #rest(): void {
    this.#deadlines.disarm(this);
    this.#work = undefined;
    this.#attempt = undefined;
    this.#resolve = undefined;
    this.#context = undefined;
    this.#course = undefined;
    this.#free.put(this as TimedFirstAttempt<unknown>);
  }
}
