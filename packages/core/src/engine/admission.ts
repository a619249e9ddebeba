/** Admission is what an attempt passes before it is played: the cushion (circuit breaker), then the gates. */
import { isCaromError } from '../errors.js';
import type { Gate } from '../gate.js';
import type { Permit } from '../parking.js';
import type { Verdict } from '../verdict.js';
import { mistaken, unjudged } from './judge.js';
import type { Rules } from './rules.js';

/** What shots without a cushion hold. */
export const free: Permit = 1;

type Entrance = Pick<Rules, 'circuit' | 'gates'>;

/** Who let a first attempt in: it hears of its success. */
export interface Admitter {
  readonly rules: Rules;
  succeed(permit: Permit): void;
}

/** A permit, at once; 0 where the attempt has to wait, or is refused. */
export function enterNow({ circuit, gates }: Entrance): Permit {
  const permit = circuit === undefined ? free : circuit.enterClosed();
  if (permit === 0 || gates.length === 0 || passGates(gates) === undefined) return permit;
  circuit?.release(permit);
  return 0;
}

/** The attempt of the permit succeeded. */
export function leave({ circuit, gates }: Entrance, permit: Permit): void {
  circuit?.succeed(permit);
  leaveGates(gates);
}

// Made once: a closure, or an iterator, for each entry would be more than the entry allocates.
const isClosed = (gate: Gate): boolean => !gate.tryEnter();
const leaveOne = (gate: Gate): void => gate.leave();

/** All of them or none: the first that lets nobody in. */
export function passGates(gates: readonly Gate[]): Gate | undefined {
  const closed = gates.findIndex(isClosed);
  if (closed < 0) return undefined;
  leaveGates(gates.slice(0, closed));
  return gates[closed];
}

export function leaveGates(gates: readonly Gate[]): void {
  gates.forEach(leaveOne);
}

/** A permit, at once. @throws the refusal of whoever does not let the attempt in. */
export function enterAtOnce({ circuit, gates }: Entrance): Permit {
  const permit = circuit === undefined ? free : circuit.admit();
  // Without patience nobody is parked: it is no promise.
  if (typeof permit !== 'number') throw permit;
  const gate = passGates(gates);
  if (gate === undefined) return permit;
  circuit?.release(permit);
  throw gate.refusal();
}

/** What the circuit is told of a permit's attempt. Each permit is settled once. */
type End = 'succeed' | 'fail' | 'release';

/** The attempt of the permit is over, or was not played after all. */
export function settle({ circuit, gates }: Entrance, permit: Permit, end: End): void {
  circuit?.[end](permit);
  leaveGates(gates);
}

/** What an attempt says about the service that failed. */
export function endOf(error: unknown, verdict: Verdict, slow: boolean): End {
  const { kind } = verdict;
  if (kind === 'outage') return 'fail';
  // A «no» is an answer: the service is well. None is what nobody could judge, a mistake, and what Carom itself says further in.
  const answered = kind === 'permanent' || kind === 'contention';
  const isNone = verdict === unjudged || verdict === mistaken || isCaromError(error);
  if (!answered || isNone) return 'release';
  return slow ? 'fail' : 'succeed';
}
