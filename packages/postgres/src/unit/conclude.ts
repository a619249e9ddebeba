/** The end of a failed shot: its outcome is recorded, and a write of unknown outcome gets its error. */
import { decided, type FailedShot, isCaromError, type Verdict, withError } from '@carom/core';
import type { Phase } from '../classify/phase.js';
import { laterPatience } from '../commit/ask-later.js';
import type { Resolver } from '../commit/resolver.js';
import { settlementOf } from '../commit/settlement.js';
import type { Ticket } from '../commit/ticket.js';
import { OutcomeUnknownError, type Settled } from '../outcome/errors.js';
import { recordOutcome } from '../outcome/record.js';
import { tell } from '../telemetry/scoreboard.js';

/** What the conclusion needs to know of the shot. */
export interface Ending {
  readonly datasource: string;
  /** The shot's name. */
  readonly operation: string;
  readonly phase: Phase;
  readonly isWrite: boolean;
  /** Why the unit could not be played again, if it could not. */
  readonly taint?: string | undefined;
  /** With what the COMMIT on its way could be asked about. */
  readonly ticket?: Ticket | undefined;
  readonly resolver?: Resolver | undefined;
  /** Told when a later question finds it committed. */
  readonly onCommitted?: (() => void) | undefined;
}

/** What the caller gets: the same object, or an `OutcomeUnknownError` around it. */
export function conclude(error: unknown, end: FailedShot, ending: Ending): unknown {
  const { datasource, operation, phase, taint } = ending;
  const { outcome, verdict, attempts } = end;
  const lost = outcome === 'unknown' && ending.isWrite && !speaksForItself(error, verdict);
  const unknown = lost
    ? new OutcomeUnknownError({
        ...{ datasource, phase, reason: verdict.reason, cause: error },
        ...askingAgain(error, ending),
      })
    : undefined;
  if (unknown !== undefined) {
    const resolvable = unknown.ticket !== undefined;
    const what = {
      operation,
      datasource,
      attempts,
      phase,
      verdict,
      code: verdict.code,
      resolvable,
    };
    tell('outcomeUnknown', () =>
      withError({ ...what, ...decided('stop', verdict.reason) }, unknown),
    );
  }
  const final = unknown ?? error;
  const explanation = { outcome, verdict, attempts, why: taint ?? end.why, datasource };
  recordOutcome(final, taint === undefined ? explanation : { ...explanation, taint });
  return final;
}

function askingAgain(
  error: unknown,
  { ticket = settlementOf(error)?.ticket, resolver, onCommitted, taint }: Ending,
): { readonly ticket?: Ticket; readonly resolve?: () => Promise<Settled> } {
  // What a callback did beside its transaction is not settled with it.
  if (ticket === undefined || taint !== undefined) return {};
  const resolve = async (): Promise<Settled> => {
    const question = { patience: laterPatience, late: true };
    const outcome = (await resolver?.settle(ticket, question))?.outcome ?? 'unknown';
    if (outcome === 'committed') onCommitted?.();
    return outcome;
  };
  return { ticket, resolve };
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
