/** A shot clock is a timeout: it ends the wait for an attempt, whoever is still playing it. */
import { onAbort } from '../cancellation.js';
import type { Clock, Millis } from '../clock.js';
import { ShotTimeoutError } from '../errors.js';

/** One attempt as the action sees it. */
export interface Attempt {
  /** Counts from 1. */
  readonly attempt: number;
  /** Aborts when nobody waits for this attempt any more: timeout, or the caller's abort. */
  readonly signal: AbortSignal;
  /** Whether that can happen at all; when not, there is no need to listen. */
  readonly abandonable: boolean;
}

/** What may end an attempt before it settles. */
export interface Limits {
  readonly clock: Clock;
  /** The caller's signal. */
  readonly signal: AbortSignal | undefined;
  readonly attemptTimeout: Millis | undefined;
  readonly timeout: Millis | undefined;
  /** When the whole shot's time is over, by `clock`. */
  readonly deadline: Millis;
}

/** The attempt's number, and a signal that is only made when somebody asks for it. */
export class TimedAttempt implements Attempt {
  readonly attempt: number;
  readonly abandonable: boolean;
  #controller: AbortController | undefined;
  #ended: { readonly by: unknown } | undefined;

  constructor(attempt: number, abandonable: boolean) {
    this.attempt = attempt;
    this.abandonable = abandonable;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#ended !== undefined) this.#controller.abort(this.#ended.by);
    }
    return this.#controller.signal;
  }

  /** Nobody waits for this attempt any more. */
  abandon(reason: unknown): void {
    this.#ended ??= { by: reason };
    this.#controller?.abort(reason);
  }

  /** Whether `error` is not the attempt's own, but the reason why nobody waits for it any more. */
  wasEndedBy(error: unknown): boolean {
    return this.#ended !== undefined && this.#ended.by === error;
  }
}

/** Whether anything but its own end can end an attempt. */
export function isLimited(limits: Limits): boolean {
  return (
    limits.signal !== undefined ||
    limits.attemptTimeout !== undefined ||
    limits.deadline !== Number.POSITIVE_INFINITY
  );
}

/**
 * Plays, and waits for the end until a clock or the caller's signal ends the wait; then `abandon` is
 * told the reason first. What becomes of the abandoned later is nobody's unhandled rejection.
 */
export function within<T>(
  limits: Limits,
  play: () => T | PromiseLike<T>,
  abandon: (reason: unknown) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const { clock, signal, deadline, timeout, attemptTimeout = Number.POSITIVE_INFINITY } = limits;
    let cancel: (() => void) | undefined;
    const settle = (): void => {
      cancel?.();
      leave();
    };
    const end = (reason: unknown): void => {
      settle();
      abandon(reason);
      reject(reason as Error);
    };
    const aborted = (): void => end(signal?.reason);
    const leave = onAbort(signal, aborted);
    const left = deadline - clock.now();
    const limit = Math.min(left, attemptTimeout);
    if (limit !== Number.POSITIVE_INFINITY) {
      const error = (): ShotTimeoutError =>
        left <= attemptTimeout
          ? new ShotTimeoutError('shot', timeout ?? 0)
          : new ShotTimeoutError('attempt', attemptTimeout);
      cancel = clock.after(limit, () => end(error()));
    }
    // An action that throws before its first promise settles the same way as one that rejects.
    new Promise<T>((done) => done(play())).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error as Error);
      },
    );
    // A signal that aborted before will not say so again.
    if (signal?.aborted) aborted();
  });
}
