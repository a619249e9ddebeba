/** Final errors: what a shot has decided about is not bounced (retried) again by a shot around it. */
import { processWide } from '../process-wide.js';

interface Marks {
  /** Grows with each mark, so that a mark tells whether it was made inside a given attempt. */
  sequence: number;
  readonly byError: WeakMap<object, number>;
  /** Strings and the like are no keys of a WeakMap: only the last one is known. */
  lastPrimitive: { readonly value: unknown; readonly mark: number } | undefined;
}

const marks: Marks = processWide('final-errors', () => ({
  sequence: 0,
  byError: new WeakMap(),
  lastPrimitive: undefined,
}));

/** The point in the sequence of marks from which an attempt's own inner marks begin. */
export function finalSequence(): number {
  return marks.sequence;
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Marks the error with which a shot ended. */
export function markFinal(error: unknown): void {
  const mark = marks.sequence;
  marks.sequence += 1;
  if (isObject(error)) marks.byError.set(error, mark);
  else marks.lastPrimitive = { value: error, mark };
}

/** Causes are followed so far; a longer chain is a loop or of no interest. */
const depth = 10;

/**
 * Whether a shot that ended since `sequence` ended with this error, or with its cause. An error
 * object that two shots share by chance, one after the other, is not mistaken for a nested one.
 */
export function isFinalSince(error: unknown, sequence: number): boolean {
  const last = marks.lastPrimitive;
  if (!isObject(error)) return last?.value === error && (last?.mark ?? -1) >= sequence;
  let current: unknown = error;
  for (let level = 0; level < depth && isObject(current); level++) {
    const mark = marks.byError.get(current);
    if (mark !== undefined && mark >= sequence) return true;
    current = (current as { readonly cause?: unknown }).cause;
  }
  return false;
}
