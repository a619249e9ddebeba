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
