/** A refusal is what an open cushion (circuit breaker) says to a shot. */
import { endless, type Millis } from '../clock.js';
import { CircuitOpenError, stackless } from '../errors.js';

/** What is told of a circuit. */
interface Told {
  readonly name: string;
  readonly state: string;
  readonly retryAfter: Millis;
}

/** What was said last, and of what: where many are refused at a time, all are told the same. */
let last = { name: '', state: '', more: '', left: 0, message: '', line: '' };
let lastRetryAfter: Millis = 0;
// One function for all refusals: a closure for each takes a thirtieth of the whole.
const make = (): CircuitOpenError => new CircuitOpenError(last.name, lastRetryAfter, last.message);

export function refusal(
  told: Told,
  more: string = '',
  retryAfter: Millis = told.retryAfter,
): CircuitOpenError {
  const { name, state } = told;
  const left = Math.ceil(retryAfter);
  const same = left === last.left && name === last.name && state === last.state;
  if (!same || more !== last.more) {
    const when = left === endless ? 'until somebody closes it' : `for ${left} ms`;
    const message = `the cushion (circuit breaker) of ${name} is ${state} ${when}${more}: nothing was sent`;
    last = { name, state, more, left, message, line: `CircuitOpenError: ${message}` };
  }
  lastRetryAfter = retryAfter;
  return stackless(make, last.line);
}
