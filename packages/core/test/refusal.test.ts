/** What an open cushion (circuit breaker) says to those that it refuses. */
import { CircuitOpenError } from '@carom/core';
import { expect, test } from '@jest/globals';
import { refusal } from '../src/breaker/refusal.js';

const told = { name: 'orders', state: 'open', retryAfter: 1_000 };

test('each has its own words, also right after another one', () => {
  const said = (changes: Partial<typeof told>, waiting?: number): string => {
    const { message, stack } = refusal({ ...told, ...changes }, undefined, waiting);
    expect(stack).toBe(`CircuitOpenError: ${message}`);
    return message;
  };
  const words = (rest: string): string =>
    `the cushion (circuit breaker) of ${rest}: nothing was sent`;
  expect(said({})).toBe(words('orders is open for 1000 ms'));
  expect(said({ name: 'prices' })).toBe(words('prices is open for 1000 ms'));
  expect(said({})).toBe(words('orders is open for 1000 ms'));
  expect(said({ state: 'half-open' })).toBe(words('orders is half-open for 1000 ms'));
  expect(said({})).toBe(words('orders is open for 1000 ms'));
  expect(said({}, 5)).toBe(words('orders is open for 1000 ms, and 5 shots wait for it already'));
  expect(said({})).toBe(words('orders is open for 1000 ms'));
  expect(said({ state: 'closed', retryAfter: 0 })).toBe(
    words('orders is closed again, and lets others in first'),
  );
  expect(said({ state: 'closed', retryAfter: 0 }, 5)).toBe(
    words('orders is closed again, and lets 5 others in first'),
  );
  expect(said({ retryAfter: 999 })).toBe(words('orders is open for 999 ms'));
  expect(said({ retryAfter: Number.POSITIVE_INFINITY })).toBe(
    words('orders is open until somebody closes it'),
  );
});

test('those of one millisecond are errors of their own, each with its own time', () => {
  const [first, second] = [refusal({ ...told, retryAfter: 999.5 }), refusal(told)];
  expect(first).not.toBe(second);
  expect(first.message).toBe(second.message);
  expect([first.retryAfter, second.retryAfter]).toEqual([999.5, 1_000]);
  expect(first).toBeInstanceOf(CircuitOpenError);
});
