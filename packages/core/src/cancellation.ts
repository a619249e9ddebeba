/** Cancellation: one abort listener per signal, however many shots, delays and parked ones wait on it. */

interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

// Node 20 warns of a leak at the eleventh listener, and one signal for a whole service is common.
const waitingOn = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `callback` once when `signal` aborts, unless the returned function is called before. It is
 * not called for a signal that has aborted already.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return nothing;
  const waiting = waitingOn.get(signal) ?? listen(signal);
  waiting.callbacks.add(callback);
  return () => {
    if (!waiting.callbacks.delete(callback) || waiting.callbacks.size > 0) return;
    waitingOn.delete(signal);
    signal.removeEventListener('abort', waiting.listener);
  };
}

function listen(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    waitingOn.delete(signal);
    for (const callback of callbacks) callback();
  };
  const waiting = { callbacks, listener };
  waitingOn.set(signal, waiting);
  signal.addEventListener('abort', listener, { once: true });
  return waiting;
}

function nothing(): void {}
