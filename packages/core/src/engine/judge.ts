/** The bare core's own judgement of an error, for shots that bring none: what is worth a bounce (retry). */
import { isCaromError } from '../errors.js';
import { atOnce } from '../listener.js';
import { type FailedOutcome, isVerdict, type Verdict, type VerdictKind } from '../verdict.js';

/** The refusals of what was never sent. */
const unsent: RegExp = /^CAROM_(CIRCUIT_OPEN|CLOSED|COMPARTMENT_FULL|THROTTLED)$/;

const notSync = 'CAROM_NOT_SYNC';

/** `shotSync` got a promise. */
export const isNotSync = (error: unknown): boolean => isCaromError(error) && error.code === notSync;

/**
 * Everything bounces, but cancellation, Carom's own refusals and programming errors. The core does
 * not know what the work was, so that what became of it is unknown; only a refusal was never sent.
 */
export function judge(error: unknown): Verdict {
  if (isCaromError(error)) {
    const { code } = error;
    if (code === 'CAROM_TIMEOUT') return verdict('outage', code, 'the attempt took too long');
    // Whatever anybody says about errors: it went on, and a second one would run beside it.
    if (isNotSync(error)) return verdict('cancelled', code, 'the action is not synchronous');
    const done = unsent.test(code) ? 'not-executed' : 'unknown';
    return verdict('permanent', code, 'Carom itself refused', done);
  }
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  if (name === 'AbortError') return verdict('cancelled', undefined, 'cancelled');
  if (isProgrammingError(error)) {
    return mistaken;
  }
  return verdict('outage', typeof code === 'string' ? code : undefined, 'a failure');
}

/** What an error of a shot means: its own word first, then its strategy's. */
export function judgeOf(
  shot: { readonly judge?: ((error: unknown) => Verdict | undefined) | undefined },
  rules: { readonly classify: (error: unknown) => Verdict },
  error: unknown,
): Verdict {
  if (isNotSync(error)) return judge(error);
  try {
    const verdict = atOnce(shot.judge?.(error) ?? rules.classify(error));
    return isVerdict(verdict) ? verdict : unjudged;
  } catch {
    // A classifier that fails must hide neither the error nor what is unknown about it.
    return unjudged;
  }
}

/** For a programming error: playing again cannot help, and nobody knows whether the service was asked. */
export const mistaken: Verdict = Object.freeze({
  kind: 'permanent',
  outcome: 'unknown',
  connection: 'keep',
  reason: 'a programming error: playing again cannot help',
});

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
  return code === undefined
    ? { kind, outcome, connection: 'keep', reason }
    : { kind, outcome, connection: 'keep', reason, code };
}

const programmingErrors = /^(Type|Reference|Syntax|Range|Eval|URI)Error$/;

/** By name, since an error may come from another realm (jest, vm). */
function isProgrammingError(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as { readonly name?: unknown; readonly cause?: unknown };
  if (typeof name !== 'string' || !programmingErrors.test(name)) return false;
  // `fetch` reports a network failure as a TypeError whose cause is the socket's error, and an
  // address that is none as one whose cause is another TypeError (undici).
  return name !== 'TypeError' || cause === undefined || isProgrammingError(cause);
}

/** For a result that `whenResult` did not take for success. What was done was done. */
export function resultVerdict(kind: VerdictKind): Verdict {
  return verdict(kind, undefined, '`whenResult` did not take the result for success');
}

/** The same of work that was never sent. */
export function notExecuted(verdict: Verdict): Verdict {
  return verdict.outcome === 'not-executed' ? verdict : { ...verdict, outcome: 'not-executed' };
}
