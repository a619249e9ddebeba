/** What an event tells of an error by itself is its code, and only where that is one. */
import { codeOf } from '@carom/core';
import { expect, test } from '@jest/globals';

test.each(['40P01', 'ECONNREFUSED', 'CAROM_TIMEOUT', 'p2034', 'X'.repeat(64)])(
  '%s is told',
  (code) => {
    expect(codeOf(Object.assign(new Error('x'), { code }))).toBe(code);
    expect(codeOf({ code })).toBe(code);
  },
);

const refuses = {
  get code(): string {
    throw new Error('of the error');
  },
};

test.each([
  ['a text: it may hold a value', { code: 'duplicate key (secret)' }],
  ['a code with something before it', { code: ' 23505' }],
  ['a code with a line after it', { code: '23505\nsecret' }],
  ['one that is too long', { code: 'X'.repeat(65) }],
  ['an empty one', { code: '' }],
  ['a number', { code: 23505 }],
  ['an error without', new Error('x')],
  ['nothing', undefined],
  ['null', null],
  ['what refuses to be asked', refuses],
])('%s is not', (_, error) => {
  expect(codeOf(error)).toBe(undefined);
});
