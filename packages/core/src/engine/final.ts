/** Final errors: what a shot has decided about is not bounced (retried) again by a shot around it. */
import { hasCause } from '../causes.js';
import { type CaromError, finalMark, isCaromError } from '../errors.js';
import { processWide } from '../process-wide.js';

type Marked = CaromError & { [finalMark]?: number };

interface Marks {
  /** Grows with each mark, so that a mark tells whether it was made inside a given attempt. */
  sequence: number;
  readonly byError: WeakMap<object, number>;
  /** Those with which a shot ended because its caller cancelled it. */
  readonly cancelled: WeakSet<object>;
  /** Strings and the like are no keys of a WeakMap: only the last one is known. */
  lastPrimitive:
    | { readonly value: unknown; readonly mark: number; readonly cancelled: boolean }
    | undefined;
}

const marks: Marks = processWide('final-errors', () => ({
  sequence: 0,
  byError: new WeakMap(),
  cancelled: new WeakSet(),
  lastPrimitive: undefined,
}));

/** The point in the sequence of marks from which an attempt's own inner marks begin. */
export function finalSequence(): number {
  return marks.sequence;
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Marks the error with which a shot ended. */
export function markFinal(error: unknown, cancelled: boolean = false): void {
  const mark = nextMark();
  if (!isObject(error)) {
    marks.lastPrimitive = { value: error, mark, cancelled };
    return;
  }
  const own = isCaromError(error) ? (error as Marked) : undefined;
  if (own?.[finalMark] === undefined) marks.byError.set(error, mark);
  else own[finalMark] = mark;
  if (cancelled) marks.cancelled.add(error);
}

/** The same for a fresh error of Carom's own, of which nothing needs to be asked. */
export function markOwn(error: CaromError): void {
  (error as Marked)[finalMark] = nextMark();
}

function nextMark(): number {
  const mark = marks.sequence;
  marks.sequence += 1;
  return mark;
}

/** Whether a shot ended with this error because its caller cancelled it: the reason may be any value. */
export function wasCancelled(error: unknown): boolean {
  if (isObject(error)) return marks.cancelled.has(error);
  const last = marks.lastPrimitive;
  return last?.cancelled === true && Object.is(last.value, error);
}

/**
 * Whether a shot that ended since `sequence` ended with this error, or with its cause. An error
 * object that two shots share by chance, one after the other, is not mistaken for a nested one.
 */
export function isFinalSince(error: unknown, sequence: number): boolean {
  if (!isObject(error)) {
    const last = marks.lastPrimitive;
    return last !== undefined && last.mark >= sequence && Object.is(last.value, error);
  }
  return hasCause(error, (one) => {
    const mark = isObject(one) ? markOf(one) : undefined;
    return mark !== undefined && mark >= sequence;
  });
}

function markOf(error: object): number | undefined {
  const own = isCaromError(error) ? (error as Marked)[finalMark] : undefined;
  return own ?? marks.byError.get(error);
}
