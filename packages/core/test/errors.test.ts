import { inspect, types } from 'node:util';
import {
  CaromError,
  CircuitOpenError,
  InvalidOptionError,
  isCaromError,
  processWide,
  ShotTimeoutError,
} from '@carom/core';
import { afterEach, describe, expect, test } from '@jest/globals';
import { isFinalSince } from '../src/engine/final.js';
import { addCause, isTimeout, stackless } from '../src/errors.js';
import { thrown } from './scenario.js';

describe("Carom's own errors", () => {
  const rows: readonly [string, string, () => CaromError][] = [
    ['CaromError', 'CAROM_X', () => new CaromError('CAROM_X', 'x')],
    ['CircuitOpenError', 'CAROM_CIRCUIT_OPEN', () => new CircuitOpenError('orders', 5, 'open')],
    ['ShotTimeoutError', 'CAROM_TIMEOUT', () => new ShotTimeoutError('shot', 5)],
    ['InvalidOptionError', 'CAROM_INVALID_OPTION', () => new InvalidOptionError('retries', 'no')],
  ];

  test.each(rows)(
    '%s: name, code, base, brand, and a stack that begins with its name',
    (name, code, make) => {
      const error = make();
      expect([error.name, error.code]).toEqual([name, code]);
      expect(error).toBeInstanceOf(CaromError);
      expect(error).toBeInstanceOf(Error);
      expect(isCaromError(error)).toBe(true);
      expect(error.stack).toMatch(new RegExp(`^${name}: `));
    },
  );

  test('the brand is known from another copy of the package, and shows nowhere', () => {
    const other = Object.assign(new Error('from the CommonJS copy'), { code: 'CAROM_X' });
    Object.defineProperty(other, Symbol.for('carom.error'), { value: true });
    expect(isCaromError(other)).toBe(true);
    expect(Object.getOwnPropertySymbols({ ...new CaromError('CAROM_X', 'x') })).toEqual([]);
  });

  test.each([undefined, null, 'CAROM_X', 7, {}, new Error('x'), { code: 'CAROM_TIMEOUT' }])(
    '%p is none',
    (value) => {
      expect(isCaromError(value)).toBe(false);
    },
  );

  test('what refuses to be asked is none', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(isCaromError(proxy)).toBe(false);
  });

  test('no shot has ended with a new one', () => {
    expect(isFinalSince(new CaromError('CAROM_X', 'x'), 0)).toBe(false);
  });

  test('only a timeout of ours is one', () => {
    expect(isTimeout(new ShotTimeoutError('shot', 5))).toBe(true);
    expect(isTimeout(new CaromError('CAROM_X', 'x'))).toBe(false);
    expect(isTimeout(Object.assign(new Error('x'), { code: 'CAROM_TIMEOUT' }))).toBe(false);
  });

  test('a cause that is added is as if the constructor had been told; none is none', () => {
    const own = (error: Error) => Object.getOwnPropertyDescriptor(error, 'cause');
    const cause = new Error('before');
    expect(own(addCause(new Error('x'), cause))).toEqual(own(new Error('x', { cause })));
    expect(own(addCause(new Error('x'), undefined))).toBeUndefined();
  });

  test('a timeout says which clock and which option', () => {
    const cause = new Error('last');
    const whole = new ShotTimeoutError('shot', 50, { cause });
    expect(whole).toMatchObject({ scope: 'shot', limit: 50, cause });
    expect(whole.message).toBe('the shot took longer than 50 ms (option `timeout`)');
    const one = new ShotTimeoutError('attempt', 20);
    expect(one.message).toBe('the attempt took longer than 20 ms (option `attemptTimeout`)');
    expect('cause' in one).toBe(false);
  });
});

describe('an error without a stack', () => {
  const { stackTraceLimit } = Error;
  afterEach(() => {
    Object.defineProperty(Error, 'stackTraceLimit', { value: stackTraceLimit, writable: true });
  });

  test('leaves to the others theirs, also where it could not be made', () => {
    expect(stackless(() => new Error('x')).stack).toBe('Error: x');
    const boom = new Error('boom');
    const failing = (): never => {
      throw boom;
    };
    expect(thrown(() => stackless(failing))).toBe(boom);
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
    expect(new Error('y').stack).toContain('errors.test');
  });

  test('has one where nobody may change how long stacks are', () => {
    Object.defineProperty(Error, 'stackTraceLimit', { writable: false });
    expect(stackless(() => new Error('x')).stack).toContain('errors.test');
  });

  test('is an error like others: printed by its name, and cloned with its message', () => {
    const error = stackless(() => new CircuitOpenError('orders', 5, 'it is open'));
    expect(types.isNativeError(error)).toBe(true);
    expect(error.stack).toBe('CircuitOpenError: it is open');
    expect(Object.keys(error)).not.toContain('stack');
    expect(inspect(error)).toMatch(/^\[?CircuitOpenError: it is open\]? \{/);
    const { message, stack } = structuredClone(error);
    expect([message, stack]).toEqual(['it is open', 'CircuitOpenError: it is open']);
  });
});

test('processWide makes a value once, and another copy of the package finds it', () => {
  const first = processWide('test-value', () => ({ made: 1 }));
  expect(processWide('test-value', () => ({ made: 2 }))).toBe(first);
  expect((globalThis as Record<symbol, unknown>)[Symbol.for('carom.test-value')]).toBe(first);
});
