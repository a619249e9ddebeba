import { runInNewContext } from 'node:vm';
import { CaromError, CircuitOpenError, InvalidOptionError, ShotTimeoutError } from '@carom/core';
import { describe, expect, test } from '@jest/globals';
import { judge, judgeOf, unjudged } from '../src/engine/judge.js';
import { verdict } from './scenario.js';

const withCode = (code: unknown): Error => Object.assign(new Error('x'), { code });
const foreign = (code: string): unknown => runInNewContext(code);
const fetchFailed = (cause: unknown): Error => new TypeError('fetch failed', { cause });

const rows: readonly [string, unknown, string, string?][] = [
  ['an error', new Error('boom'), 'outage'],
  ['an error with a code', withCode('ECONNREFUSED'), 'outage', 'ECONNREFUSED'],
  ['an error with a numeric code', withCode(20), 'outage'],
  ['undefined', undefined, 'outage'],
  ['null', null, 'outage'],
  ['a string', 'boom', 'outage'],
  ['a number', 42, 'outage'],
  ['an object', { message: 'boom', code: 'E_X' }, 'outage', 'E_X'],
  ['a function', () => {}, 'outage'],
  ['TypeError', new TypeError('x is not a function'), 'permanent'],
  ['ReferenceError', new ReferenceError('x'), 'permanent'],
  ['SyntaxError', new SyntaxError('x'), 'permanent'],
  ['RangeError', new RangeError('x'), 'permanent'],
  ['URIError', new URIError('x'), 'permanent'],
  ['EvalError', new EvalError('x'), 'permanent'],
  ['a failed fetch', fetchFailed(withCode('ECONNREFUSED')), 'outage'],
  [
    'a fetch whose body broke off',
    new TypeError('terminated', { cause: withCode('UND_ERR_SOCKET') }),
    'outage',
  ],
  [
    'a fetch of no address at all',
    new TypeError('Failed to parse URL', {
      cause: Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' }),
    }),
    'permanent',
  ],
  ['an AbortError', new DOMException('stop', 'AbortError'), 'cancelled'],
  ['an AbortError by name', Object.assign(new Error('stop'), { name: 'AbortError' }), 'cancelled'],
  ['the TimeoutError of AbortSignal.timeout', new DOMException('late', 'TimeoutError'), 'outage'],
  ["a socket's ETIMEDOUT", withCode('ETIMEDOUT'), 'outage', 'ETIMEDOUT'],
  ["an attempt's timeout", new ShotTimeoutError('attempt', 5), 'outage', 'CAROM_TIMEOUT'],
  ['an open circuit', new CircuitOpenError('a', 5, 'open'), 'permanent', 'CAROM_CIRCUIT_OPEN'],
  ['a wrong option', new InvalidOptionError('retries', 'no'), 'permanent', 'CAROM_INVALID_OPTION'],
  ['any other error of Carom', new CaromError('CAROM_X', 'x'), 'permanent', 'CAROM_X'],
  ['an error of another realm', foreign('new Error("x")'), 'outage'],
  ['a TypeError of another realm', foreign('new TypeError("x")'), 'permanent'],
  [
    'a failed fetch of another realm',
    foreign('new TypeError("x", { cause: new Error("y") })'),
    'outage',
  ],
  [
    'an AbortError of another realm',
    foreign('Object.assign(new Error("x"), { name: "AbortError" })'),
    'cancelled',
  ],
  [
    'a code of another realm',
    foreign('Object.assign(new Error("x"), { code: "ECONNRESET" })'),
    'outage',
    'ECONNRESET',
  ],
];

describe('what the bare core makes of an error', () => {
  test.each(rows.map(([name, ...row]) => ({ name, row })))(
    '$name',
    ({ row: [error, kind, code] }) => {
      const verdict = judge(error);
      expect(verdict.kind).toBe(kind);
      expect(verdict.code).toBe(code);
      expect(verdict.connection).toBe('keep');
      expect(verdict.reason).not.toBe('');
    },
  );

  test('it does not know what became of the work, and does not say so; only a refusal was never sent', () => {
    expect(judge(new Error('lost')).outcome).toBe('unknown');
    expect(judge(new ShotTimeoutError('attempt', 5)).outcome).toBe('unknown');
    expect(judge(new CircuitOpenError('a', 5, 'open')).outcome).toBe('not-executed');
  });
});

describe('an answer that is no verdict', () => {
  const answers: readonly unknown[] = [
    'outage',
    true,
    5,
    null,
    undefined,
    {},
    { kind: 'outage' },
    { kind: 'bogus', outcome: 'not-executed' },
    { kind: 'outage', outcome: 'bogus' },
    { kind: 'toString', outcome: 'unknown' },
    Promise.resolve(verdict('outage')),
  ];
  const boom = new Error('boom');
  const ours = { classify: judge };

  test.each(answers)('%p of a classifier: nothing is known, so nothing is done again', (answer) => {
    expect(judgeOf({}, { classify: () => answer as never }, boom)).toBe(unjudged);
  });

  test.each(answers)('%p of a shot: the same, where it says anything', (answer) => {
    const judged = judgeOf({ judge: () => answer as never }, ours, boom);
    expect(judged).toEqual(answer === null || answer === undefined ? judge(boom) : unjudged);
  });

  test('a verdict comes back as the same object', () => {
    const own = verdict('stale', 'rolled-back');
    expect(judgeOf({}, { classify: () => own }, boom)).toBe(own);
    expect(judgeOf({ judge: () => own }, ours, boom)).toBe(own);
  });
});
