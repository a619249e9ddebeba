/** Listeners watch (telemetry, retry events): whatever one throws or rejects with is dropped. */

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
