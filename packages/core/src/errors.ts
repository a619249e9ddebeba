/**
 * Carom's own errors: thrown only when Carom itself said no. Tell them apart by `code`, or by
 * `isCaromError`, which knows the errors of another copy of this package too (ESM beside CommonJS).
 */
import type { Millis } from './clock.js';

const brand: unique symbol = Symbol.for('carom.error') as never;

/** Where an error of Carom's own keeps the mark of `engine/final.ts`: a WeakMap takes as long as all the rest. */
export const finalMark: unique symbol = Symbol.for('carom.final-mark') as never;

/** The base of every error that Carom makes. */
export class CaromError extends Error {
  #mark = -1;

  static {
    // On the prototype, so that they do not show where an error is printed, and take no time where one is made.
    Object.defineProperties(CaromError.prototype, {
      [brand]: { value: true },
      [finalMark]: {
        // Undefined for an object whose prototype is an error of ours.
        get(this: object) {
          return #mark in this ? this.#mark : undefined;
        },
        set(this: CaromError, mark: number) {
          this.#mark = mark;
        },
      },
    });
  }

  override readonly name: string = 'CaromError';
  /** Stable, for programs: `CAROM_…`. */
  readonly code: `CAROM_${string}`;

  constructor(code: `CAROM_${string}`, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Makes an error without its stack, which is nine tenths of what an error costs: a refusal must be
 * cheap when many are refused, and its stack would name the engine alone. Where there is no limit, not even
 * 0, V8 leaves the stack out whole, at half the cost of an empty one.
 * @param line what it has instead, where that is known: its name and message.
 */
export function stackless<E extends Error>(make: () => E, line?: string): E {
  const { stackTraceLimit } = Error;
  const isOff = limitStack(undefined);
  try {
    const error = make();
    if (isOff) error.stack = line ?? `${error.name}: ${error.message}`;
    return error;
  } finally {
    limitStack(stackTraceLimit);
  }
}

/** Whether that is the limit now. */
function limitStack(frames: number | undefined): boolean {
  try {
    Error.stackTraceLimit = frames as number;
  } catch {
    // Where the built-ins are frozen (node --frozen-intrinsics) the stack stays as it is.
  }
  return Error.stackTraceLimit === frames;
}

/** Whether `error` was made by Carom, by this copy of it or by another, and its `code` can be read. */
export function isCaromError(error: unknown): error is CaromError {
  try {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false;
    return typeof (error as { readonly code?: unknown }).code === 'string';
  } catch {
    // A proxy may refuse to be asked.
    return false;
  }
}

/** What an error came of, where its constructor could not be told. */
export function addCause<E>(error: E, cause: unknown): E {
  if (cause === undefined) return error;
  return Object.defineProperty(error, 'cause', {
    value: cause,
    configurable: true,
    writable: true,
  });
}

/** Whether a client was closed while the shot waited. */
export function isClosed(error: unknown): error is CaromError {
  return isCaromError(error) && error.code === 'CAROM_CLOSED';
}

/** Whether a clock of Carom's ran out: of the whole shot, or of one attempt. */
export function isTimeout(error: unknown): error is ShotTimeoutError {
  return isCaromError(error) && error.code === 'CAROM_TIMEOUT';
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

/** The compartment (bulkhead) is full, and so is its queue, or the patience ran out: nothing was sent. */
export class CompartmentFullError extends CaromError {
  override readonly name = 'CompartmentFullError';
  /** The name of the compartment. */
  readonly compartment: string;
  /** How many it lets in at a time. */
  readonly limit: number;

  constructor(compartment: string, limit: number, message: string, options?: ErrorOptions) {
    super('CAROM_COMPARTMENT_FULL', message, options);
    this.compartment = compartment;
    this.limit = limit;
  }
}

/** The throttle (rate limit) has no token left, and waiting for one is not allowed: nothing was sent. */
export class ThrottledError extends CaromError {
  override readonly name = 'ThrottledError';
  /** The name of the throttle. */
  readonly throttle: string;
  /** When asking again makes sense, in ms from the time of the error. */
  readonly retryAfter: Millis;

  constructor(throttle: string, retryAfter: Millis, message: string, options?: ErrorOptions) {
    super('CAROM_THROTTLED', message, options);
    this.throttle = throttle;
    this.retryAfter = retryAfter;
  }
}
