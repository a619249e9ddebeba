/** A release is how those who wait at a cushion (circuit breaker) are let in when it closes: at the pace of a ramp. */
import { type Clock, endless, type Millis, type Timer } from '../clock.js';
import type { Parking, Permit } from '../parking.js';
import { Ramp } from './ramp.js';

/** Released shots that get no answer hold the others up no longer than this. */
const rampPatience: Millis = 50;

/**
 * Those who came first go first. Has the one timer of the circuit, which only what somebody waits for lets keep the
 * process alive. It stays armed when it is not needed any more, or only later: to take it back and arm another at each
 * change of state would take longer than all the rest of it.
 */
export interface Release {
  /** The time is over at `due`, by the clock. */
  arm(due: Millis): void;
  /** Somebody waits for the time, or nobody any more. */
  hold(): void;
  /** The service is back: the first go in. */
  begin(): void;
  /** Nobody has come back for a while: the next go in. */
  step(): void;
  /** One that was let in came back: others may follow. */
  cameBack(answered: boolean): void;
  /** The service is not any more what it was when the ramp began, or nobody waits. */
  end(): void;
}

/** `permit` gives 0 while nobody may go in; `rung` is called when the time is over. */
export function releaseOf(
  parking: Parking,
  clock: Clock,
  permit: () => Permit,
  rung: () => void,
): Release {
  const ramp = new Ramp();
  let timer: Timer | undefined;
  // When the timer rings.
  let at = endless;
  // When the time is over; undefined while nobody wants to know.
  let due: Millis | undefined;
  let held = false;

  const start = (when: Millis): void => {
    timer?.cancel();
    at = when;
    timer = clock.after(when - clock.now(), ring);
    if (!held) timer.unref();
  };
  const ring = (): void => {
    timer = undefined;
    if (due === undefined) return;
    if (due > at) start(due);
    else {
      disarm();
      rung();
    }
  };
  const hold = (): void => {
    const holds = due !== undefined && parking.size > 0;
    if (holds === held) return;
    held = holds;
    timer?.[holds ? 'ref' : 'unref']();
  };
  const arm = (when: Millis): void => {
    due = when;
    if (timer === undefined || when < at) start(when);
    hold();
  };
  const disarm = (): void => {
    due = undefined;
    hold();
  };
  const end = (): void => {
    ramp.end();
    disarm();
  };
  const letIn = (count: number): void => {
    for (let n = 0; n < count; n++) {
      const given = permit();
      if (given === 0 || !parking.admitNext(given)) break;
      ramp.letIn(clock.now());
    }
    if (parking.size === 0) end();
    else arm(clock.now() + rampPatience);
  };
  const step = (): void => letIn(ramp.next());

  return {
    arm,
    hold,
    step,
    end,

    begin() {
      if (parking.size === 0) return;
      ramp.begin();
      step();
    },

    cameBack(answered) {
      if (!ramp.active) return;
      const count = ramp.cameBack(clock.now(), answered);
      if (count > 0) letIn(count);
    },
  };
}
