import type { Outcome } from '@carom/core';
import { describe, expect, test } from '@jest/globals';
import { explain, outcomeOf, recordOutcome } from '../../src/outcome/record.js';

const explanation = (outcome: Outcome) =>
  ({
    outcome,
    verdict: {
      kind: 'outage',
      outcome: 'unknown',
      connection: 'discard',
      reason: 'the connection was lost',
    },
    attempts: 1,
    why: 'it may have been done',
    datasource: 'orders',
  }) as const;

describe('the record of outcomes', () => {
  test('an error that did not come through Carom has none', () => {
    expect(outcomeOf(new Error('foreign'))).toBeUndefined();
    expect(explain(new Error('foreign'))).toBeUndefined();
    for (const value of [undefined, null, 'text', 42, Symbol('s')]) {
      expect(outcomeOf(value)).toBeUndefined();
    }
  });

  test('a frozen error keeps its outcome without being touched', () => {
    const error = Object.freeze(new Error('frozen'));
    recordOutcome(error, explanation('rolled-back'));
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(explain(error)).toEqual(explanation('rolled-back'));
  });

  test('what cannot be a key is not recorded, and does not throw', () => {
    for (const value of [undefined, null, 'text', 42]) recordOutcome(value, explanation('unknown'));
    expect(outcomeOf('text')).toBeUndefined();
  });

  test('unknown stays unknown, whatever becomes of the transaction around it', () => {
    const error = new Error('lost');
    recordOutcome(error, explanation('unknown'));
    recordOutcome(error, explanation('rolled-back'));
    expect(outcomeOf(error)).toBe('unknown');
  });
});
