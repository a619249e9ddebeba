/** A late failure comes after its shot was answered: of a stream after its first row, of a COMMIT sent by hand. */
import type { Shot } from '@carom/core';

/** Judges it by the shot's own rules and records its outcome; returns what the caller gets. */
export function concludeLate<T>(
  shot: Shot<T>,
  error: unknown,
  attempts: number,
  why: string,
): unknown {
  const verdict = shot.judge?.(error);
  if (verdict === undefined) return error;
  return shot.conclude?.(error, { verdict, outcome: verdict.outcome, attempts, why }) ?? error;
}
