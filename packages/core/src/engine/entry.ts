/** Entry is how a shot is let in, perhaps after waiting: parked at the cushion (circuit breaker), queued at a gate. */
import type { Millis } from '../clock.js';
import { isCaromError } from '../errors.js';
import type { Permit } from '../parking.js';
import { announce } from '../telemetry/announce.js';
import { free, takeBack, waitAtGates } from './admission.js';
import { type Course, cancelled, timeIsOver } from './course.js';

/** The shot was not let in; `end` is what its caller gets. */
export class Refused {
  readonly end: unknown;

  constructor(end: unknown) {
    this.end = end;
  }
}

/** A permit, now or later, or how the shot ends that is refused at once. */
export function enter<T>(course: Course<T>): Permit | Promise<Permit> | Refused {
  const { circuit, gates, signal } = course.rules;
  if (signal?.aborted) return new Refused(course.end(signal.reason, cancelled));
  const admitted = circuit === undefined ? free : circuit.admit(course.patience, signal);
  if (isCaromError(admitted)) return new Refused(course.refused(admitted));
  return typeof admitted === 'number' && gates.length === 0 ? admitted : wait(course, admitted);
}

async function wait<T>(course: Course<T>, first: Permit | Promise<Permit>): Promise<Permit> {
  const { rules } = course;
  const { clock, circuit, signal } = rules;
  let since = clock.now();
  let parked: Millis | undefined;
  const spend = (): Millis => {
    const now = clock.now();
    course.waited += now - since;
    since = now;
    return course.patience;
  };
  const park = (): void => {
    if (parked !== undefined) return;
    parked = since;
    announce('shotParked', () => ({ ...course.who, attempt: course.attempts }));
  };
  let permit: Permit;
  try {
    if (typeof first !== 'number') park();
    permit = await first;
    // Between passing the cushion and the gates the circuit may have changed.
    while (!(await waitAtGates(rules, permit, spend, park, signal))) {
      const again = await (circuit?.admit(spend(), signal) ?? free);
      if (typeof again !== 'number') throw again;
      permit = again;
    }
  } catch (refusal) {
    spend();
    throw course.refused(refusal);
  }
  spend();
  const { timeLeft } = course;
  // Between being let in and coming here the signal may abort, or the time run out.
  if (signal?.aborted || timeLeft <= 0) {
    takeBack(rules, permit);
    throw signal?.aborted
      ? course.end(signal.reason, cancelled)
      : course.end(course.timeout(), timeIsOver);
  }
  if (parked !== undefined) {
    const waited = since - parked;
    announce('shotReleased', () => ({ ...course.who, attempt: course.attempts, waited }));
  }
  return permit;
}
