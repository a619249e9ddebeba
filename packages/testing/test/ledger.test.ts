/** The ledger is itself judged: on histories known to be bad, and on ones known to be good. */

import type { Outcome } from '@carom/core';
import { type Ledger, ledger } from '@carom/testing';
import { describe, expect, test } from '@jest/globals';

class Failed extends Error {
  readonly outcome: Outcome | undefined;

  constructor(outcome?: Outcome) {
    super(`failed: ${outcome}`);
    this.outcome = outcome;
  }
}

const outcomeOf = (error: unknown): Outcome | undefined =>
  error instanceof Failed ? error.outcome : undefined;

/** A ledger of writes that ended as told: `ok`, an outcome, no outcome at all, or not yet. */
function history(ends: Readonly<Record<string, 'ok' | Outcome | 'bare' | 'pending'>>): Ledger {
  const book = ledger({ outcomeOf });
  for (const [id, end] of Object.entries(ends)) {
    book.attempt(id);
    if (end === 'ok') book.acknowledged(id);
    else if (end === 'bare') book.failed(id, new Error('no outcome'));
    else if (end !== 'pending') book.failed(id, new Failed(end));
  }
  return book;
}

const each = {
  done: 'ok',
  committed: 'committed',
  never: 'not-executed',
  undone: 'rolled-back',
  unknown: 'unknown',
  bare: 'bare',
  pending: 'pending',
} as const;

describe('good histories', () => {
  test('each claim true, the open ones absent', () => {
    const report = history(each).audit(['done', 'committed']);
    expect(report.wrong).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.counts).toEqual({
      attempted: 7,
      acknowledged: 1,
      failed: 5,
      notDone: 2,
      committed: 1,
      unknown: 1,
      unclaimed: 1,
      pending: 1,
      duplicates: 0,
      lost: 0,
      liars: 0,
      neverAttempted: 0,
    });
    expect(`${report}`).toBe(
      'ledger: all is as claimed (7 writes: 1 acknowledged, 2 not done, 1 committed with an error, ' +
        '1 unknown, 1 without a claim, 1 pending)',
    );
  });

  test('each claim true, the open ones present', () => {
    const rows = ['done', 'committed', 'unknown', 'bare', 'pending'];
    expect(history(each).audit(rows).ok).toBe(true);
    expect(history(each).audit(new Map(rows.map((id) => [id, 1]))).ok).toBe(true);
    expect(history(each).audit(new Map([...rows.map((id) => [id, 1] as const), ['x', 0]])).ok).toBe(
      true,
    );
  });

  test('nothing attempted, nothing found', () => {
    expect(ledger({ outcomeOf }).audit([]).ok).toBe(true);
  });
});

describe('bad histories', () => {
  test.each([
    ['an acknowledged write twice', { a: 'ok' }, ['a', 'a'], 'duplicate', 'once', 2],
    ['an acknowledged write not there', { a: 'ok' }, [], 'lost', 'once', 0],
    ['a committed one not there', { a: 'committed' }, [], 'lost', 'once', 0],
    ['a committed one twice', { a: 'committed' }, ['a', 'a'], 'duplicate', 'once', 2],
    [
      'not executed, but there',
      { a: 'not-executed' },
      ['a'],
      'present-though-not-done',
      'absent',
      1,
    ],
    ['rolled back, but there', { a: 'rolled-back' }, ['a'], 'present-though-not-done', 'absent', 1],
    ['an unknown one twice', { a: 'unknown' }, ['a', 'a'], 'duplicate', 'at most once', 2],
    ['without a claim, twice', { a: 'bare' }, ['a', 'a', 'a'], 'duplicate', 'at most once', 3],
    ['pending, twice', { a: 'pending' }, ['a', 'a'], 'duplicate', 'at most once', 2],
    ['never attempted', {}, ['a'], 'never-attempted', 'absent', 1],
  ] as const)('%s', (_name, ends, rows, problem, expected, found) => {
    const report = history(ends).audit(rows);
    expect(report.ok).toBe(false);
    expect(report.wrong).toMatchObject([{ id: 'a', problem, expected, found }]);
    expect(`${report}`).toContain(`a: ${problem}`);
  });

  test('said not to be done and found twice is a lie and a duplicate', () => {
    const { wrong, counts } = history({ a: 'rolled-back' }).audit(['a', 'a']);
    expect(wrong.map(({ problem }) => problem)).toEqual(['present-though-not-done', 'duplicate']);
    expect(counts).toMatchObject({ liars: 1, duplicates: 1 });
  });

  test('a mix: each wrong one is named, the right ones are not', () => {
    const book = history({ ...each, twice: 'ok', gone: 'ok', lied: 'not-executed' });
    const report = book.audit(['done', 'committed', 'twice', 'twice', 'lied', 'strange']);
    expect(report.wrong).toEqual([
      { id: 'twice', problem: 'duplicate', expected: 'once', found: 2, outcome: 'acknowledged' },
      { id: 'gone', problem: 'lost', expected: 'once', found: 0, outcome: 'acknowledged' },
      {
        id: 'lied',
        problem: 'present-though-not-done',
        expected: 'absent',
        found: 1,
        outcome: 'not-executed',
      },
      {
        id: 'strange',
        problem: 'never-attempted',
        expected: 'absent',
        found: 1,
        outcome: undefined,
      },
    ]);
    expect(report.counts).toMatchObject({ duplicates: 1, lost: 1, liars: 1, neverAttempted: 1 });
    expect(`${report}`.split('\n').slice(1)).toEqual([
      '  twice: duplicate: acknowledged, expected once, found 2',
      '  gone: lost: acknowledged, expected once, found 0',
      '  lied: present-though-not-done: not-executed, expected absent, found 1',
      '  strange: never-attempted: never attempted, expected absent, found 1',
    ]);
  });

  test('many wrong ones: the text stops at twenty and says so', () => {
    const rows = Array.from({ length: 25 }, (_, index) => `row ${index}`);
    expect(`${ledger({ outcomeOf }).audit(rows)}`.split('\n').at(-1)).toBe('  … and 5 more');
  });
});

describe('taking notes', () => {
  test('write notes what came of it, and passes it on', async () => {
    const book = ledger({ outcomeOf });
    const error = new Failed('rolled-back');
    expect(await book.write('a', async () => 42)).toBe(42);
    await expect(book.write('b', () => Promise.reject(error))).rejects.toBe(error);
    await expect(
      book.write('c', () => {
        throw new Error('at once');
      }),
    ).rejects.toThrow('at once');
    expect(book.audit(['a']).counts).toMatchObject({ acknowledged: 1, notDone: 1, unclaimed: 1 });
  });

  test('a write is pending until it has settled', async () => {
    const book = ledger({ outcomeOf });
    let finish = (): void => undefined;
    const written = book.write('a', () => new Promise<void>((resolve) => (finish = resolve)));
    expect(book.audit([]).counts).toMatchObject({ pending: 1, lost: 0 });
    finish();
    await written;
    expect(book.audit([]).counts).toMatchObject({ pending: 0, lost: 1 });
  });

  test('an id names one write, which settles once', async () => {
    const book = history({ a: 'ok' });
    expect(() => book.attempt('a')).toThrow('the id a names one write already');
    await expect(book.write('a', () => undefined)).rejects.toThrow('names one write already');
    expect(() => book.failed('a', new Error())).toThrow('the write a is acknowledged, not pending');
    expect(() => book.acknowledged('b')).toThrow('the write b is not attempted, not pending');
  });

  test('numbers are ids too', () => {
    const book = ledger({ outcomeOf });
    book.attempt(7);
    book.acknowledged('7');
    expect(book.audit([7]).ok).toBe(true);
  });

  test("by default it asks Carom's own outcomeOf, and nothing else of an error", () => {
    const book = ledger();
    book.attempt('a');
    book.failed('a', Object.assign(new Error(), { outcome: 'rolled-back', code: '40001' }));
    expect(book.audit(['a']).counts).toMatchObject({ unclaimed: 1, liars: 0 });
  });
});
