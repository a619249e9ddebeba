/** Admission is what an attempt passes before it is played: the cushion (circuit breaker), then the gates. */
import type { Millis } from '../clock.js';
import { isCaromError } from '../errors.js';
import type { Gate } from '../gate.js';
import type { Permit } from '../parking.js';
import type { Verdict } from '../verdict.js';
import { silences, unjudged } from './judge.js';
import type { Rules } from './rules.js';

/** What shots without a cushion hold. */
export const free: Permit = 1;

type Entrance = Pick<Rules, 'circuit' | 'gates'>;

/** A permit, at once; 0 where the attempt has to wait, or is refused. */
export function enterNow({ circuit, gates }: Entrance): Permit {
  const permit = circuit === undefined ? free : circuit.enter();
  return permit === 0 || passGates(gates) ? permit : giveBack(circuit, permit);
}

function giveBack(circuit: Entrance['circuit'], permit: Permit): 0 {
  circuit?.release(permit);
  return 0;
}

/** All of them or none. */
export function passGates(gates: readonly Gate[]): boolean {
  for (let passed = 0; passed < gates.length; passed++) {
    if (gates[passed]?.tryEnter()) continue;
    leaveGates(gates.slice(0, passed));
    return false;
  }
  return true;
}

export function leaveGates(gates: readonly Gate[]): void {
  for (const gate of gates) gate.leave();
}

/**
 * Waits at the gates with a permit in hand, which is given back where they do not let the attempt in.
 * @throws a gate's own error when it does not let the attempt in; the signal's reason when that aborts.
 */
export async function waitAtGates(
  { circuit, gates }: Entrance,
  permit: Permit,
  patience: () => Millis,
  waits: () => void,
  signal: () => AbortSignal | undefined,
): Promise<void> {
  const entered: Gate[] = [];
  try {
    for (const gate of gates) {
      if (!gate.tryEnter()) {
        if (!gate.mayWait(patience())) throw gate.refusal();
        waits();
        await gate.enter(patience(), signal());
      }
      entered.push(gate);
    }
  } catch (refusal) {
    leaveGates(entered);
    circuit?.release(permit);
    throw refusal;
  }
}

/** A permit, at once. @throws the refusal of whoever does not let the attempt in. */
export function enterAtOnce({ circuit, gates }: Entrance): Permit {
  const permit = circuit === undefined ? free : circuit.admit();
  // Without patience nobody is parked: it is no promise.
  if (typeof permit !== 'number') throw permit;
  for (const [index, gate] of gates.entries()) {
    if (gate.tryEnter()) continue;
    takeBack({ circuit, gates: gates.slice(0, index) }, permit);
    throw gate.refusal();
  }
  return permit;
}

/** The attempt succeeded, and no later than it should. */
export function succeed({ circuit, gates }: Entrance, permit: Permit): void {
  circuit?.succeed(permit);
  if (gates.length > 0) leaveGates(gates);
}

/** The attempt succeeded, too late to speak for the service. */
export function tooSlow({ circuit, gates }: Entrance, permit: Permit): void {
  circuit?.fail(permit);
  leaveGates(gates);
}

/** The attempt was not played after all. */
export function takeBack({ circuit, gates }: Entrance, permit: Permit): void {
  circuit?.release(permit);
  leaveGates(gates);
}

/** The attempt failed: its verdict tells the cushion about the service. Each permit is settled once. */
export function settle(
  { circuit, gates }: Entrance,
  permit: Permit,
  error: unknown,
  verdict: Verdict,
  slow: boolean,
): void {
  if (circuit !== undefined) {
    const answer = answered(error, verdict);
    if (verdict.kind === 'outage' || (answer && slow)) circuit.fail(permit);
    else if (answer) circuit.succeed(permit);
    else circuit.release(permit);
  }
  leaveGates(gates);
}

/** A «no» is an answer: the service is well. */
function answered(error: unknown, verdict: Verdict): boolean {
  if (verdict.kind !== 'permanent' && verdict.kind !== 'contention') return false;
  // Neither is the refusal of a shot further in, to whom nobody answered.
  return verdict !== unjudged && !(isCaromError(error) && silences.has(error.code));
}
