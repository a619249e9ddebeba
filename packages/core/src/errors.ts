/**
 * Carom's own errors: thrown only when Carom itself said no. Tell them apart by `code`, or by
 * `isCaromError`, which knows the errors of another copy of this package too (ESM beside CommonJS).
 */
import type { Millis } from './clock.js';

const brand: unique symbol = Symbol.for('carom.error') as never;

/** The base of every error that Carom makes. */
export class CaromError extends Error {
  override readonly name: string = 'CaromError';
  /** Stable, for programs: `CAROM_…`. */
  readonly code: `CAROM_${string}`;

  constructor(code: `CAROM_${string}`, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }
}

/** Whether `error` was made by Carom, by this copy of it or by another. */
export function isCaromError(error: unknown): error is CaromError {
  return typeof error === 'object' && error !== null && brand in error;
}

/** An option has a value that cannot work. The message names the option, the value and what is allowed. */
export class InvalidOptionError extends CaromError {
  override readonly name = 'InvalidOptionError';
  /** The option's name, dotted where it is nested: `cushion.ratio`. */
  readonly option: string;

  constructor(option: string, message: string) {
    super('CAROM_INVALID_OPTION', message);
    this.option = option;
  }
}

/** The cushion (circuit breaker) is open: nothing was sent. */
export class CircuitOpenError extends CaromError {
  override readonly name = 'CircuitOpenError';
  /** When asking again makes sense, in ms from the time of the error; `Infinity` while isolated. */
  readonly retryAfter: Millis;
  /** The name of the cushion's service or datasource. */
  readonly service: string;

  constructor(service: string, retryAfter: Millis, message: string, options?: ErrorOptions) {
    super('CAROM_CIRCUIT_OPEN', message, options);
    this.service = service;
    this.retryAfter = retryAfter;
  }
}

/** A clock of Carom's ran out. Not the caller's abort, and not a socket's ETIMEDOUT. */
export class ShotTimeoutError extends CaromError {
  override readonly name = 'ShotTimeoutError';
  /** Which clock: the whole shot's (`timeout`) or one attempt's (`attemptTimeout`). */
  readonly scope: 'shot' | 'attempt';
  /** The limit that was passed, in ms. */
  readonly limit: Millis;

  constructor(scope: 'shot' | 'attempt', limit: Millis, options?: ErrorOptions) {
    const option = scope === 'shot' ? 'timeout' : 'attemptTimeout';
    super(
      'CAROM_TIMEOUT',
      `the ${scope} took longer than ${limit} ms (option \`${option}\`)`,
      options,
    );
    this.scope = scope;
    this.limit = limit;
  }
}
