/** The first attempt of a shot, which is all that most shots ever need: no promise but the one the caller gets (fast path). */
import type { Permit } from '../parking.js';
import { firstAttempt } from '../timeout/attempt.js';
import type { Admitter } from './admission.js';
import type { Course } from './course.js';
import { finalSequence } from './final.js';
import type { FreeList, Reusable } from './free-list.js';
import { playOn } from './game.js';
import { nativePromise } from './native-promise.js';
import { playWork, shotOf, type Work } from './shot.js';

/** What an attempt needs to remember; used again by the next shot, so that a shot allocates nothing else. */
export class FirstAttempt<T> implements Reusable<FirstAttempt<unknown>> {
  nextFree: FirstAttempt<unknown> | undefined;
  readonly #admitter: Admitter;
  readonly #free: FreeList<FirstAttempt<unknown>>;
  #work: Work<T> | undefined;
  #permit: Permit = 0;
  #inner = 0;
  /** Where somebody hears of the shot. */
  #course: Course<T> | undefined;

  constructor(admitter: Admitter, free: FreeList<FirstAttempt<unknown>>) {
    this.#admitter = admitter;
    this.#free = free;
  }

  play(work: Work<T>, permit: Permit, course: Course<T> | undefined): Promise<T> {
    this.#work = work;
    this.#permit = permit;
    this.#inner = finalSequence();
    this.#course = course;
    try {
      const played =
        course === undefined
          ? playWork(work, firstAttempt)
          : course.play(course.begin(false), permit);
      return nativePromise(played).then(this.#succeeded, this.#failed);
    } catch (error) {
      return this.#failed(error);
    }
  }

  // Made once for each record: a promise that is native calls one of them, and once.
  readonly #succeeded = (value: T): T => {
    const permit = this.#permit;
    const course = this.#course;
    this.#rest();
    if (course === undefined) this.#admitter.succeed(permit);
    else course.succeed(permit);
    return value;
  };

  readonly #failed = (error: unknown): Promise<T> => {
    const permit = this.#permit;
    const inner = this.#inner;
    const course = this.#course;
    const shot = shotOf(this.#work as Work<T>);
    this.#rest();
    return playOn(this.#admitter.rules, shot, { error, permit, inner }, course);
  };

  #rest(): void {
    this.#work = undefined;
    this.#course = undefined;
    this.#free.put(this as FirstAttempt<unknown>);
  }
}
