/** How the attempts of a schedule answer: at once, later, when told to; well, badly, or four times over. */
import type { Verdict } from '@carom/core';
import type { ManualClock } from '@carom/core/testing';
import { verdict } from './scenario.js';
import type { Answer, Discard } from './schedule.js';
import { Failure, type ModelShot, type Result } from './schedule-shot.js';

export const good: Answer = {
  what: 'success',
  outcome: 'unknown',
  after: 0,
  form: 'promise',
  abortsOthers: false,
};

/** What `whenResult` throws at an odd result. */
const slip = new TypeError('a slip');

/** What is given to the engine as `whenResult`. */
export function isPoor(value: unknown): boolean {
  const { is } = value as Result;
  if (is === 'odd') throw slip;
  return is === 'poor';
}

/** What is given to the engine as `classify`. */
export function classify(error: unknown): Verdict {
  if (error instanceof Failure) return error.verdict;
  return (error as { readonly code?: unknown }).code === 'CAROM_TIMEOUT'
    ? verdict('outage', 'unknown')
    : verdict('permanent');
}

interface Hanging {
  readonly shot: ModelShot;
  readonly answer: (answer: Answer) => void;
}

export class Answers {
  /** How many timers of the clock are not the engine's. */
  timers = 0;
  readonly #clock: ManualClock;
  /** Attempts that wait for an answer, in the order in which they began. */
  readonly #hanging = new Set<Hanging>();

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  /** Answers the `nth` of those that hang. */
  give(nth: number, answer: Answer): void {
    if (answer.what !== 'hang') [...this.#hanging][nth]?.answer(answer);
  }

  /** Answers all for which no clock would do it. */
  giveAll(): void {
    for (const { shot, answer } of [...this.#hanging]) if (shot.isEndless) answer(good);
  }

  /** What the attempt that has begun returns, or throws. */
  of(shot: ModelShot, answer: Answer): unknown {
    const attempt = shot.attempts;
    const { what, form, after } = answer;
    const result = (): Result => this.result(shot, attempt, answer);
    if (what === 'hang') return this.#hang(shot, attempt);
    if (after > 0) return this.later(after, result);
    if (form === 'sync') return result();
    const promise = new Promise((resolve) => resolve(result()));
    if (form === 'promise') return promise;
    promise.catch(() => {});
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    return { then: (yes: () => void, no: () => void) => fourTimes(promise, yes, no) };
  }

  /** @throws the error that the answer stands for */
  result(shot: ModelShot, attempt: number, { what, outcome }: Answer): Result {
    shot.ended(attempt, this.#clock.now());
    if (what === 'odd') shot.errors.add(slip);
    if (what === 'success' || what === 'poor' || what === 'odd') return { attempt, is: what };
    if (what === 'hang') return { attempt, is: 'success' };
    if (what === 'contention' || (what === 'overload' && shot.isPatient)) shot.uncounted += 1;
    const error = new Failure(verdict(what, outcome));
    shot.errors.add(error);
    throw error;
  }

  discard({ after, fails }: Discard = { after: 0, fails: false }): void | Promise<void> {
    const end = (): void => {
      if (fails) throw new Error('of the discarding');
    };
    return after === 0 ? end() : this.later(after, end);
  }

  later<T>(ms: number, call: () => T): Promise<T> {
    this.timers += 1;
    return new Promise((resolve, reject) => {
      this.#clock.after(ms, () => {
        this.timers -= 1;
        try {
          resolve(call());
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  #hang(shot: ModelShot, attempt: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const hanging: Hanging = {
        shot,
        answer: (answer) => {
          this.#hanging.delete(hanging);
          try {
            resolve(this.result(shot, attempt, answer));
          } catch (error) {
            reject(error as Error);
          }
        },
      };
      this.#hanging.add(hanging);
    });
  }
}

/** A thenable settles twice, both ways. */
function fourTimes(
  promise: Promise<unknown>,
  yes: (value?: unknown) => void,
  no: (error?: unknown) => void,
): void {
  promise.then(
    (value) => {
      yes(value);
      no(new Error('of a thenable'));
      yes('of a thenable');
    },
    (error: unknown) => {
      no(error);
      yes('of a thenable');
      no(new Error('of a thenable'));
    },
  );
}
