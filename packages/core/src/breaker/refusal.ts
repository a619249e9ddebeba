/** A refusal is what an open cushion (circuit breaker) says to a shot. */
import { endless, type Millis } from '../clock.js';
import { CircuitOpenError, stackless } from '../errors.js';

/** What is told of a circuit. */
interface Told {
  readonly name: string;
  readonly state: string;
  readonly retryAfter: Millis;
}

interface Said {
  readonly name: string;
  readonly state: string;
  readonly waiting: number | undefined;
  readonly left: number;
  readonly message: string;
  readonly line: string;
}

/** What was said last, and of what: where many are refused at a time, all are told the same. */
let last: Said = { name: '', state: '', waiting: 0, left: 0, message: '', line: '' };
let lastRetryAfter: Millis = 0;
// One function for all refusals: a closure for each takes a thirtieth of the whole.
const make = (): CircuitOpenError => new CircuitOpenError(last.name, lastRetryAfter, last.message);

/** @param waiting how many shots wait for it, where no more may. */
export function refusal(
  told: Told,
  retryAfter: Millis = told.retryAfter,
  waiting?: number,
): CircuitOpenError {
  const { name, state } = told;
  const left = Math.ceil(retryAfter);
  const same = left === last.left && name === last.name && state === last.state;
  if (!same || waiting !== last.waiting) {
    const message = `the cushion (circuit breaker) of ${name} is ${words(state, left, waiting)}: nothing was sent`;
    last = { name, state, waiting, left, message, line: `CircuitOpenError: ${message}` };
  }
  lastRetryAfter = retryAfter;
  return stackless(make, last.line);
}

function words(state: string, left: Millis, waiting: number | undefined): string {
  if (state === 'closed') {
    return `closed again, and lets ${waiting === undefined ? '' : `${waiting} `}others in first`;
  }
  const more = waiting === undefined ? '' : `, and ${waiting} shots wait for it already`;
  return `${state} ${left === endless ? 'until somebody closes it' : `for ${left} ms`}${more}`;
}
