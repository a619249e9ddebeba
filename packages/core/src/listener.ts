/** Listeners watch (telemetry, retry events): whatever one throws or rejects with is dropped. So is a rejection of who is asked. */

/** One who listens. */
export interface Listening {
  readonly listener: (...args: never) => void;
  /** Whether still. */
  on: boolean;
}

/** Calls those who listen. Who begins to meanwhile hears of the next one; who stops, not even of this one. */
export function tellAll(all: readonly Listening[], ...args: readonly unknown[]): void {
  for (const { on, listener } of all) {
    if (on) tell(listener as (...args: readonly unknown[]) => void, ...args);
  }
}

/** Calls `listener`. Watching changes nothing, and never ends the process. */
export function tell<Args extends readonly unknown[]>(
  listener: (...args: Args) => unknown,
  ...args: Args
): void {
  try {
    atOnce(listener(...args));
  } catch {
    // Dropped.
  }
}

/**
 * What a callback gave that has to answer at once. Of an async one that is a promise, which nobody waits for: its rejection would be
 * unhandled, and end the process.
 */
export function atOnce<T>(answer: T): T {
  const { then } = (answer ?? {}) as { readonly then?: unknown };
  if (typeof then === 'function') Promise.resolve(answer).catch(() => {});
  return answer;
}
