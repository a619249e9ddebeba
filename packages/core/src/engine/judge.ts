/** The bare core's own judgement of an error, for shots that bring none: what is worth a bounce (retry). */
import { isCaromError } from '../errors.js';
import type { FailedOutcome, Verdict, VerdictKind } from '../verdict.js';

/**
 * Everything bounces, but cancellation, Carom's own refusals and programming errors. The core does
 * not know what the work was, so that what became of it is unknown; only a refusal was never sent.
 */
export function judge(error: unknown): Verdict {
  if (isCaromError(error)) {
    return error.code === 'CAROM_TIMEOUT'
      ? verdict('outage', error.code, 'the attempt took too long')
      : verdict('permanent', error.code, 'Carom itself refused', 'not-executed');
  }
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  if (name === 'AbortError') return verdict('cancelled', undefined, 'cancelled');
  if (isProgrammingError(error)) {
    return verdict('permanent', undefined, 'a programming error: playing again cannot help');
  }
  return verdict('outage', typeof code === 'string' ? code : undefined, 'a failure');
}

/** For an error on which a classifier failed: nothing is known, so nothing is done again. */
export const unjudged: Verdict = Object.freeze({
  kind: 'permanent',
  outcome: 'unknown',
  connection: 'discard',
  reason: 'the classifier failed on this error',
});

function verdict(
  kind: VerdictKind,
  code: string | undefined,
  reason: string,
  outcome: FailedOutcome = 'unknown',
): Verdict {
  const base: Verdict = { kind, outcome, connection: 'keep', reason };
  return code === undefined ? base : { ...base, code };
}

const programmingErrors: ReadonlySet<unknown> = new Set([
  'TypeError',
  'ReferenceError',
  'SyntaxError',
  'RangeError',
  'EvalError',
  'URIError',
]);

/** By name, since an error may come from another realm (jest, vm). */
function isProgrammingError(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as { readonly name?: unknown; readonly cause?: unknown };
  if (!programmingErrors.has(name)) return false;
  // `fetch` reports a network failure as a TypeError whose cause is the socket's error, and an
  // address that is none as one whose cause is another TypeError (undici).
  return name !== 'TypeError' || cause === undefined || isProgrammingError(cause);
}
