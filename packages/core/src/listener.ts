/** Listeners watch (telemetry, retry events): whatever one throws or rejects with is dropped. */

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
    const result = listener(...args) as { readonly then?: unknown } | null | undefined;
    // An async function is assignable to a listener, and its rejection would be unhandled.
    if (typeof result?.then === 'function') Promise.resolve(result).catch(() => {});
  } catch {
    // Dropped.
  }
}
