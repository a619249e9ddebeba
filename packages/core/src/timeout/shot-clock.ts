/** A shot clock is a timeout: it ends the wait for an attempt, whoever is still playing it. */
import { onAbort } from '../cancellation.js';
import { type Clock, endless, type Millis, type Timer } from '../clock.js';
import { ShotTimeoutError, stackless } from '../errors.js';

/** What may end an attempt before it settles. */
export interface Limits {
  readonly rules: {
    readonly clock: Clock;
    /** The caller's signal. */
    readonly signal: AbortSignal | undefined;
    readonly attemptTimeout: Millis | undefined;
    readonly timeout: Millis | undefined;
  };
  /** When the whole shot's time is over, by `clock`. */
  readonly deadline: Millis;
}

/** Whether anything but its own end can end an attempt. */
export function isLimited({ rules: { signal, attemptTimeout }, deadline }: Limits): boolean {
  return signal !== undefined || attemptTimeout !== undefined || deadline !== endless;
}

/** The error of the clock that runs out first, with `left` ms of the shot's time to go. */
export function timeoutError(
  { timeout, attemptTimeout = endless }: Pick<Limits['rules'], 'timeout' | 'attemptTimeout'>,
  left: Millis,
): ShotTimeoutError {
  return stackless(() =>
    left <= attemptTimeout
      ? new ShotTimeoutError('shot', timeout ?? 0)
      : new ShotTimeoutError('attempt', attemptTimeout),
  );
}

/** Has an attempt end where it runs. */
type Cancel = ((reason: unknown) => PromiseLike<unknown> | undefined) | undefined;

/**
 * Plays, and waits for the end until a clock or the caller's signal ends the wait. What becomes of the
 * abandoned later is nobody's unhandled rejection.
 * @param abandon told the reason first.
 * @param cancel waited for.
 */
export function within<T>(
  { rules, deadline }: Limits,
  play: () => T | PromiseLike<T>,
  abandon?: (reason: unknown) => void,
  cancel?: Cancel,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const { clock, signal, attemptTimeout = endless } = rules;
    let timer: Timer | undefined;
    const settle = (): void => {
      timer?.cancel();
      leave();
    };
    let ended: { readonly reason: unknown } | undefined;
    const end = (reason: unknown): void => {
      settle();
      ended = { reason };
      abandon?.(reason);
      whenCancelled(cancel, reason, () => reject(reason as Error));
    };
    const aborted = (): void => end(signal?.reason);
    const leave = onAbort(signal, aborted);
    const left = deadline - clock.now();
    const limit = Math.min(left, attemptTimeout);
    if (limit !== endless) {
      timer = clock.after(limit, () => end(timeoutError(rules, left)));
    }
    // An action that throws before its first promise settles the same way as one that rejects.
    new Promise<T>((done) => done(play())).then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject((ended === undefined ? error : ended.reason) as Error);
      },
    );
    // A signal that aborted before will not say so again.
    if (signal?.aborted && ended === undefined) aborted();
  });
}

/** Cancels, and goes on when there is nothing to wait for any more; at once where nothing can be cancelled. */
export function whenCancelled(cancel: Cancel, reason: unknown, goOn: () => void): void {
  if (cancel === undefined) goOn();
  else new Promise<unknown>((done) => done(cancel(reason))).then(goOn, goOn);
}
