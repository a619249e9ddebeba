/** Settling a permit: what one attempt's verdict tells the cushion (circuit breaker) about the service. */
import type { Circuit } from '../breaker/circuit.js';
import type { Permit } from '../breaker/parking.js';
import { isCaromError } from '../errors.js';
import type { Verdict } from '../verdict.js';
import { unjudged } from './judge.js';

/** Gives the permit back; each is given back once, whatever happened. */
export function settlePermit(
  circuit: Circuit,
  permit: Permit,
  error: unknown,
  verdict: Verdict,
): void {
  if (verdict.kind === 'outage') circuit.fail(permit);
  else if (answered(error, verdict)) circuit.succeed(permit);
  else circuit.release(permit);
}

/** A «no» is an answer: the service is well. That of a cushion further in is none. */
function answered(error: unknown, verdict: Verdict): boolean {
  if (verdict.kind !== 'permanent' && verdict.kind !== 'contention') return false;
  return verdict !== unjudged && !(isCaromError(error) && error.code === 'CAROM_CIRCUIT_OPEN');
}
