/** Entry is how a shot is let in, perhaps after waiting: parked at the cushion (circuit breaker), queued at a gate. */
import type { Circuit } from '../breaker/circuit.js';
import type { Millis } from '../clock.js';
import { type CircuitOpenError, isCaromError } from '../errors.js';
import type { Gate } from '../gate.js';
import type { Permit } from '../parking.js';
import { cancelled } from '../retry/decide.js';
import { announce } from '../telemetry/announce.js';
import { board } from '../telemetry/board.js';
import { channelOf } from '../telemetry/channels.js';
import { decided } from '../telemetry/decided.js';
import { free, leaveGates, passGates, settle } from './admission.js';
import type { Course } from './course.js';
import { markOwn } from './final.js';
import { refused } from './refused.js';
import type { Rules } from './rules.js';
import type { Work } from './shot.js';
import { attemptOf } from './telling.js';

/** The shot was not let in; `end` is what its caller gets. */
export class Refused {
  readonly end: unknown;

  constructor(end: unknown) {
    this.end = end;
  }
}

/**
 * A permit, now or later, or how the shot ends that is refused at once.
 * @param given what the cushion has said to it already.
 */
export function enter<T>(course: Course<T>, given?: Permit): Permit | Promise<Permit> | Refused {
  const { circuit, gates, signal } = course.rules;
  if (signal?.aborted) return new Refused(course.end(signal.reason, cancelled));
  const admitted =
    given ?? (circuit === undefined ? free : circuit.enter() || admit(course, circuit));
  if (isCaromError(admitted)) return new Refused(refused(course, admitted));
  const isIn = typeof admitted === 'number' && passGates(gates) === undefined;
  return isIn ? admitted : wait(course, admitted);
}

/** At hand, since to look it up takes a fiftieth of the whole refusal. */
const rejected = channelOf('shotRejected');

/**
 * What a cushion that lets nobody wait says to a shot of which nobody needs to know more: its refusal, or a permit.
 * Undefined where the shot has to go the long way. A refusal must be cheap when many are refused, and what a course
 * remembers of a shot costs as much as the error itself.
 */
export function knock<T>({ circuit, signal }: Rules, work: Work<T>): Permit | Error | undefined {
  const heard =
    board.everyShot !== 0 || board.listeners.has('shotRejected') || rejected.hasSubscribers;
  // Who waits for a turn asks the cushion after it.
  const isMore =
    typeof work === 'object' && (work.conclude !== undefined || work.signature !== undefined);
  const long = isMore || signal !== undefined || heard;
  if (circuit === undefined || circuit.rules.whenOpen === 'park' || long) return undefined;
  const admitted = circuit.admit();
  // Without patience nobody is parked: it is no promise.
  if (typeof admitted === 'number') return admitted;
  const refusal = admitted as CircuitOpenError;
  markOwn(refusal);
  return refusal;
}

function admit<T>(
  course: Course<T>,
  circuit: Circuit,
): Permit | Promise<Permit> | CircuitOpenError {
  const leaving = circuit.rules.whenOpen === 'park' ? course.leaving : undefined;
  return circuit.admit(course.patience, leaving);
}

async function wait<T>(course: Course<T>, first: Permit | Promise<Permit>): Promise<Permit> {
  const { rules } = course;
  const { clock, circuit } = rules;
  let since = clock.now();
  let parked: Millis | undefined;
  const spend = (): Millis => {
    const now = clock.now();
    course.waited += now - since;
    since = now;
    return course.patience;
  };
  const park = (why = 'not its turn yet'): void => {
    if (parked !== undefined) return;
    parked = since;
    announce('shotParked', () => ({ ...attemptOf(course), ...decided('wait', why) }));
  };
  const parkAtCircuit = (): void => park(`the circuit is ${circuit?.state}`);
  const passed: Gate[] = [];
  const pass = async (): Promise<void> => {
    for (const gate of rules.gates) {
      if (!gate.tryEnter()) {
        if (gate.mayWait(spend())) park();
        await gate.enter(spend(), course.leaving);
      }
      passed.push(gate);
    }
  };
  let permit: Permit = 0;
  try {
    for (let entered = first; ; ) {
      if (typeof entered !== 'number') {
        parkAtCircuit();
        // A place is not kept from others meanwhile, nor a rate exceeded by all who come back at once: it passes them again.
        leaveGates(passed.splice(0));
      }
      permit = await entered;
      if (passed.length === 0) await pass();
      // While it waited at the gates the circuit may have changed.
      if (circuit === undefined || circuit.isCurrent(permit)) break;
      spend();
      permit = 0;
      const again = admit(course, circuit);
      if (isCaromError(again)) throw again;
      entered = again;
    }
  } catch (refusal) {
    leaveGates(passed);
    if (permit !== 0) circuit?.release(permit);
    spend();
    throw refused(course, refusal);
  }
  spend();
  if (parked !== undefined) {
    const waited = since - parked;
    const decision = decided('admit', 'its turn');
    announce('shotReleased', () => ({ ...attemptOf(course), waited, ...decision }));
  }
  return permit;
}

/**
 * The last look before the attempt: between being let in and coming here the signal may have aborted, or
 * the time run out.
 * @throws the shot's final error, and gives the permit back.
 */
export function lookAgain<T>(course: Course<T>, permit: Permit): void {
  const { rules, timeLeft } = course;
  const { signal } = rules;
  if (!signal?.aborted && timeLeft > 0) return;
  settle(rules, permit, 'release');
  course.throwIfCancelled();
  throw course.late();
}
