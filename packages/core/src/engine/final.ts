/** Final errors: what a shot has decided about is not bounced (retried) again by a shot around it. */
import { hasCause } from '../causes.js';
import { type CaromError, finalMark, isCaromError, isTimeout } from '../errors.js';
import { processWide } from '../process-wide.js';

type Marked = CaromError & { [finalMark]?: number };

interface PrimitiveMark {
  readonly mark: number;
  /** The point at which a shot ended with it because its caller cancelled it; 0 where none did. */
  readonly cancelled: number;
}

interface Marks {
  /** Grows with each attempt that begins. The mark of an error is the point at which the shot began that ended with it. */
  sequence: number;
  readonly byError: WeakMap<object, number>;
  /** Those with which a shot ended because its caller cancelled it. */
  readonly cancelled: WeakSet<object>;
  /** Strings and the like are no keys of a WeakMap: only the last of them are known, the oldest first. */
  readonly primitives: Map<unknown, PrimitiveMark>;
}

/** So many of them: as many shots may end at a time. */
const known = 100;

const marks: Marks = processWide('final-errors', () => ({
  sequence: 0,
  byError: new WeakMap(),
  cancelled: new WeakSet(),
  primitives: new Map(),
}));

/** A point in the sequence that is no other's: what begins inside an attempt begins after the attempt's own. */
export function finalSequence(): number {
  marks.sequence += 1;
  return marks.sequence;
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/**
 * Marks the error with which a shot ended.
 * @param began `finalSequence` when it did: one that began before an attempt is not inside it, however late it ends.
 */
export function markFinal(error: unknown, began: number, cancelled: boolean): void {
  const mark = Math.max(began, markOf(error) ?? 0);
  if (!isObject(error)) {
    const { primitives } = marks;
    primitives.delete(error);
    primitives.set(error, { mark, cancelled: cancelled ? finalSequence() : 0 });
    const [oldest] = primitives.keys();
    if (primitives.size > known) primitives.delete(oldest);
    return;
  }
  if (ownMarkOf(error) === undefined) marks.byError.set(error, mark);
  else (error as Marked)[finalMark] = mark;
  if (cancelled) marks.cancelled.add(error);
}

/** The same for a fresh error of Carom's own, of which nothing needs to be asked. */
export function markOwn(error: CaromError): void {
  (error as Marked)[finalMark] = finalSequence();
}

/**
 * Whether a shot ended with this error because its caller cancelled it: the reason may be any value. Since `sequence`, where it is no
 * object: a string may come again.
 */
export function wasCancelled(error: unknown, sequence: number): boolean {
  // The abort of an inner shot may be the timeout of an outer one: that is nobody's wish to have no answer.
  if (isTimeout(error)) return false;
  if (isObject(error)) return marks.cancelled.has(error);
  return (marks.primitives.get(error)?.cancelled ?? 0) > sequence;
}

/**
 * Whether a shot that began since `sequence` ended with this error, or with its cause. An error object that shots share
 * by chance is not mistaken for that of a nested one, unless one of them began during an attempt of another and ended first.
 */
export function isFinalSince(error: unknown, sequence: number): boolean {
  return hasCause(error, (one) => (markOf(one) ?? 0) > sequence);
}

function markOf(error: unknown): number | undefined {
  if (!isObject(error)) return marks.primitives.get(error)?.mark;
  return ownMarkOf(error) ?? marks.byError.get(error);
}

function ownMarkOf(error: object): number | undefined {
  try {
    return isCaromError(error) ? (error as Marked)[finalMark] : undefined;
  } catch {
    // A proxy may tell its code alone.
    return undefined;
  }
}
