/** What is allowed for each option, said a second time: values to try, and which of them are taken. */
import type { CallOptions, CushionOptions, StrategyOptions } from '@carom/core';

/** What is tried with every option, and how a message shows it. */
export const tried: readonly (readonly [value: unknown, shown: string])[] = [
  [Number.NaN, 'NaN'],
  [-1, '-1'],
  [-0.5, '-0.5'],
  [Number.POSITIVE_INFINITY, 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
  [0, '0'],
  [0.5, '0.5'],
  [1, '1'],
  [1.5, '1.5'],
  [10, '10'],
  [1_000_001, '1000001'],
  [2 ** 53, '9007199254740992'],
  ['5s', '"5s"'],
  ['500', '"500"'],
  ['', '""'],
  ['full', '"full"'],
  ['park', '"park"'],
  [10n, '10n'],
  [Symbol.for('x'), 'Symbol(x)'],
  [true, 'true'],
  [false, 'false'],
  [null, 'null'],
  [{}, 'an object'],
  [[], 'an array'],
  [[5], 'an array'],
  [new Date(0), 'an object'],
  [Object(5), 'an object'],
  [() => 5, 'a function'],
];

/** What is allowed, in the words of the message, and of those that are tried. */
export type Rule = readonly [allowed: string, isAllowed: (value: unknown) => boolean];

const isNumber = (value: unknown, from: number, to: number): boolean =>
  typeof value === 'number' && value >= from && value <= to;
const whole = (from: number, to: number): Rule => [
  `a whole number from ${from}${to === Number.MAX_SAFE_INTEGER ? '' : ` to ${to}`}`,
  (value) => isNumber(value, from, to) && Number.isSafeInteger(value),
];
const ms = (from: number, to: number = Number.POSITIVE_INFINITY): Rule => [
  `a number of milliseconds from ${from}${to === Number.POSITIVE_INFINITY ? '' : ` to ${to}`}`,
  (value) => isNumber(value, from, to),
];
const oneOf = (allowed: string, ...values: readonly unknown[]): Rule => [
  allowed,
  (value) => values.includes(value),
];
export const day = 86_400_000;
const safe = Number.MAX_SAFE_INTEGER;
const aFunction: Rule = ['a function', (value) => typeof value === 'function'];

export const perCall: Readonly<Record<keyof CallOptions, Rule>> = {
  retries: whole(0, 1_000_000),
  baseDelay: ms(0, day),
  maxDelay: ms(0, day),
  jitter: oneOf('true, false, "decorrelated", "full", "none"', true, false, 'full'),
  shouldBounce: aFunction,
  whenResult: aFunction,
  retryAfter: aFunction,
  patience: ms(0),
  timeout: ms(1),
  attemptTimeout: ms(1),
  signal: oneOf('an AbortSignal'),
  onRetry: aFunction,
};

export const perStrategy: Readonly<Record<keyof StrategyOptions, Rule>> = {
  ...perCall,
  cushion: [
    'a Cushion, its options, or false',
    // An empty object is the defaults.
    (value) =>
      value === false || (value !== null && Object.getPrototypeOf(value) === Object.prototype),
  ],
  budget: oneOf('a Budget, or false', false),
  compartment: oneOf('a Compartment, or false', false),
  throttle: oneOf('a Throttle, or false', false),
  gate: oneOf('a Gate, or false', false),
  waiters: oneOf('Waiters'),
  classify: aFunction,
  clock: oneOf('a Clock, with now(), after() and block()'),
  random: aFunction,
};

export const ofCushion: Readonly<Record<keyof CushionOptions, Rule>> = {
  failures: whole(1, 10_000),
  lastCalls: whole(1, 10_000),
  ratio: ['a number above 0, up to 1', (value) => isNumber(value, Number.MIN_VALUE, 1)],
  lastMs: ms(10, day),
  minimum: whole(1, safe),
  slowAfter: ms(0),
  halfOpenAfter: ms(1, day),
  halfOpenMax: ms(1, day),
  probes: whole(1, 1_000),
  probeLease: ms(1, day),
  whenOpen: oneOf('"reject", "park"', 'park'),
  maxParked: whole(0, safe),
};
