/** The end of a failed shot: its outcome is recorded, and a write of unknown outcome gets its error. */
import { type FailedShot, isCaromError, type Verdict } from '@carom/core';
import type { Phase } from '../classify/phase.js';
import { OutcomeUnknownError } from '../outcome/errors.js';
import { recordOutcome } from '../outcome/record.js';

/** What the conclusion needs to know of the shot. */
export interface Ending {
  readonly datasource: string;
  readonly phase: Phase;
  readonly isWrite: boolean;
  /** Why the unit could not be played again, if it could not. */
  readonly taint?: string | undefined;
}

/** What the caller gets: the same object, or an `OutcomeUnknownError` around it. */
export function conclude(error: unknown, end: FailedShot, ending: Ending): unknown {
  const { datasource, phase, taint } = ending;
  const { outcome, verdict, attempts } = end;
  const final =
    outcome === 'unknown' && ending.isWrite && !speaksForItself(error, verdict)
      ? new OutcomeUnknownError({ datasource, phase, reason: verdict.reason, cause: error })
      : error;
  const explanation = { outcome, verdict, attempts, why: taint ?? end.why, datasource };
  recordOutcome(final, taint === undefined ? explanation : { ...explanation, taint });
  return final;
}

const programmingErrors: ReadonlySet<unknown> = new Set(['TypeError', 'RangeError', 'SyntaxError']);

/**
 * The server's own «no» reaches the caller as it is, even where `outcomeOf` must say unknown (a
 * procedure that had committed before it failed); so does a mistake in the program.
 */
function speaksForItself(error: unknown, verdict: Verdict): boolean {
  if (isCaromError(error) && error.code === 'CAROM_OUTCOME_UNKNOWN') return true;
  if (verdict.kind !== 'permanent') return false;
  if (/^[0-9A-Z]{5}$/.test(verdict.code ?? '')) return true;
  // By name: an error may come from another realm (jest, vm).
  return programmingErrors.has((error as { readonly name?: unknown } | null | undefined)?.name);
}
