import { describe, expect, test } from '@jest/globals';
import { aBoolean, anAbortSignal, invalid } from '../src/invalid.js';

describe('a check says what is allowed', () => {
  test.each([true, false])('%p is true or false', (value) => {
    expect(aBoolean(value)).toBeUndefined();
  });

  test.each([undefined, null, 0, 'true', {}])('%p is not', (value) => {
    expect(aBoolean(value)).toBe('true or false');
  });

  test('an AbortSignal is what has all that one has', () => {
    expect(anAbortSignal(new AbortController().signal)).toBeUndefined();
    expect(anAbortSignal({ aborted: false })).toBe('an AbortSignal');
    expect(anAbortSignal(new EventTarget())).toBe('an AbortSignal');
  });
});

test('of a long text an error shows where it begins', () => {
  const { message } = invalid('a', `${'x'.repeat(40)}y`, 'less');
  expect(message).toBe(`option \`a\` is "${'x'.repeat(40)}…"; allowed: less`);
  expect(invalid('a', 'x'.repeat(40), 'less').message).toContain(`"${'x'.repeat(40)}"`);
});
