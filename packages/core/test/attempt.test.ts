import { type Attempt, createStrategy } from '@carom/core';
import { describe, expect, test } from '@jest/globals';
import { firstAttempt, TimedAttempt } from '../src/timeout/attempt.js';

describe('the signal of an attempt', () => {
  test('is the same at each look, and all who looked hear of the end', () => {
    const attempt = new TimedAttempt(2);
    const { signal } = attempt;
    expect(attempt.signal).toBe(signal);
    attempt.abandon('late');
    expect(signal).toMatchObject({ aborted: true, reason: 'late' });
  });

  test('has the first reason, also for who looks only later', () => {
    const attempt = new TimedAttempt(1);
    attempt.abandon('late');
    attempt.abandon('later');
    expect(attempt.signal.reason).toBe('late');
    expect([attempt.wasEndedBy('late'), attempt.wasEndedBy('later')]).toEqual([true, false]);
  });

  test('is one for each look where nothing can end the attempt: listeners do not pile up', () => {
    expect(firstAttempt.signal).not.toBe(firstAttempt.signal);
    expect(firstAttempt.signal.aborted).toBe(false);
  });
});

test('a spread has the same of the first attempt as of the others: its number', async () => {
  const seen: object[] = [];
  const strategy = createStrategy({ retries: 1, baseDelay: 0 });
  const action = (attempt: Attempt): void => {
    seen.push({ ...attempt });
    if (attempt.attempt === 1) throw new Error('x');
  };
  await strategy.shot(action);
  await strategy.shot(action, { timeout: 1_000 });
  expect(seen).toEqual([{ attempt: 1 }, { attempt: 2 }, { attempt: 1 }, { attempt: 2 }]);
});
