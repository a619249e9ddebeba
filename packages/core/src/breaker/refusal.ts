/** A refusal is what an open cushion (circuit breaker) says to a shot. */
import { endless, type Millis } from '../clock.js';
import { CircuitOpenError, stackless } from '../errors.js';

/** What is told of a circuit. */
interface Told {
  readonly name: string;
  readonly state: string;
  readonly retryAfter: Millis;
}

export function refusal({ name, state, retryAfter }: Told, more: string = ''): CircuitOpenError {
  const when =
    retryAfter === endless ? 'until somebody closes it' : `for ${Math.ceil(retryAfter)} ms`;
  const message = `the cushion (circuit breaker) of ${name} is ${state} ${when}${more}: nothing was sent`;
  return stackless(() => new CircuitOpenError(name, retryAfter, message));
}
