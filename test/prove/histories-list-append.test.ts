/** The list-append checker on histories that are known to be bad, one for each anomaly, and on good ones that look like them. */
import { describe, expect, test } from '@jest/globals';
import type {
  ListHistory,
  ListOperation,
  ListUnit,
  Told,
} from '../../bench/prove/histories/checker/history.js';
import {
  type AnomalyKind,
  forbiddenFrom,
  forbids,
  type Level,
} from '../../bench/prove/histories/checker/level.js';
import { checkListAppend } from '../../bench/prove/histories/checker/list-append.js';

const append = (key: number, value: number): ListOperation => ({ kind: 'append', key, value });
const read = (key: number, ...elements: readonly number[]): ListOperation => ({
  kind: 'read',
  key,
  elements,
});

/** A unit that ran beside all others: nobody's end comes before anybody's beginning. */
const unit = (id: string, told: Told, ...operations: readonly ListOperation[]): ListUnit => ({
  id,
  told,
  began: 0,
  ended: 1,
  operations,
});
const done = (id: string, ...operations: readonly ListOperation[]): ListUnit =>
  unit(id, 'committed', ...operations);
const undone = (id: string, ...operations: readonly ListOperation[]): ListUnit =>
  unit(id, 'rolled-back', ...operations);
const open = (id: string, ...operations: readonly ListOperation[]): ListUnit =>
  unit(id, 'unknown', ...operations);

const history = (
  units: readonly ListUnit[],
  final?: Readonly<Record<number, readonly number[]>>,
): ListHistory => ({
  units,
  final:
    final === undefined
      ? undefined
      : new Map(Object.entries(final).map(([key, elements]) => [Number(key), elements])),
});

const kindsOf = (given: ListHistory): readonly AnomalyKind[] =>
  [...new Set(checkListAppend(given).map(({ kind }) => kind))].sort();

describe('what is known to be bad is found, by its name', () => {
  const bad: readonly (readonly [string, ListHistory, readonly AnomalyKind[]])[] = [
    [
      'an append that is there twice',
      history([done('a', append(1, 1)), done('b', append(1, 2))], { 1: [1, 2, 1] }),
      ['duplicate'],
    ],
    [
      'the same, seen by a reader only',
      history([done('a', append(1, 1)), done('b', read(1, 1, 1))]),
      ['duplicate'],
    ],
    [
      'an append whose caller was told unknown, twice',
      history([open('a', append(1, 1))], { 1: [1, 1] }),
      ['duplicate'],
    ],
    [
      'an append that was reported as rolled back and is there',
      history([undone('a', append(1, 1))], { 1: [1] }),
      ['false-rollback'],
    ],
    [
      'an append that was reported as committed and is not there',
      history([done('a', append(1, 1))], { 1: [] }),
      ['lost-write'],
    ],
    [
      'half of a transaction',
      history([open('a', append(1, 1), append(2, 2))], { 1: [1], 2: [] }),
      ['torn-write'],
    ],
    ['a value from nowhere', history([done('a', read(1, 7))]), ['invented']],
    [
      'a value in the list of another',
      history([done('a', append(1, 1))], { 1: [1], 2: [1] }),
      ['invented'],
    ],
    [
      'G1a: a read of what was rolled back',
      history([undone('a', append(1, 1)), done('b', read(1, 1))]),
      ['aborted-read'],
    ],
    [
      'the same, gone at the end',
      history([undone('a', append(1, 1)), done('b', read(1, 1))], { 1: [] }),
      ['aborted-read', 'incompatible-order'],
    ],
    [
      'G1b: a read between two appends of one transaction',
      history([done('a', append(1, 1), append(1, 2)), done('b', read(1, 1))], { 1: [1, 2] }),
      // It missed the second append, and had read the first.
      ['G-single', 'intermediate-read'],
    ],
    [
      'two reads that no order explains',
      history([
        done('a', append(1, 1)),
        done('b', append(1, 2)),
        done('c', read(1, 1, 2)),
        done('d', read(1, 2)),
      ]),
      ['incompatible-order'],
    ],
    [
      "a read without the transaction's own append",
      history([done('a', append(1, 1), read(1))], { 1: [1] }),
      ['internal'],
    ],
    [
      "a foreign append between the transaction's own",
      history([done('a', append(1, 1), append(1, 3), read(1, 1, 2, 3)), done('b', append(1, 2))]),
      // It has read what it overwrites, too.
      ['G0', 'G1c', 'internal'],
    ],
    [
      'G0: two transactions overwrite each other',
      history([done('a', append(1, 1), append(2, 3)), done('b', append(1, 2), append(2, 4))], {
        1: [1, 2],
        2: [4, 3],
      }),
      ['G0'],
    ],
    [
      'the same with a look in between, which misses nothing new',
      history(
        [done('a', append(1, 1), read(1, 1), append(2, 3)), done('b', append(1, 2), append(2, 4))],
        { 1: [1, 2], 2: [4, 3] },
      ),
      ['G0'],
    ],
    [
      'a foreign append after a look at its own',
      history([done('a', append(1, 1), read(1, 1), append(1, 3)), done('b', append(1, 2))], {
        1: [1, 2, 3],
      }),
      ['G0'],
    ],
    [
      'a lie is no cycle as well',
      history([undone('a', append(1, 1), append(2, 4)), done('b', append(1, 2), append(2, 3))], {
        1: [1, 2],
        2: [3, 4],
      }),
      ['false-rollback'],
    ],
    [
      'G1c: each has read what the other wrote',
      history([done('a', append(1, 1), read(2, 2)), done('b', append(2, 2), read(1, 1))]),
      ['G1c'],
    ],
    [
      'a lost update: both have read the same version and write',
      history([done('a', read(1), append(1, 1)), done('b', read(1), append(1, 2))], { 1: [1, 2] }),
      ['G-single', 'lost-update'],
    ],
    [
      'G-single: it sees one of two writes of one transaction',
      history([done('a', append(1, 1), append(2, 2)), done('b', read(1, 1), read(2))], {
        1: [1],
        2: [2],
      }),
      ['G-single'],
    ],
    [
      'G-single: a read that cannot be repeated',
      history([done('a', append(1, 1)), done('b', read(1), read(1, 1))]),
      ['G-single'],
    ],
    [
      'G-nonadjacent: two anti-dependencies with a read between them',
      history(
        [
          done('a', read(1), read(4, 40)),
          done('b', append(1, 10), append(2, 20)),
          done('c', read(2, 20), read(3)),
          done('d', append(3, 30), append(4, 40)),
        ],
        { 1: [10], 2: [20], 3: [30], 4: [40] },
      ),
      ['G-nonadjacent'],
    ],
    [
      'G2: write skew',
      history([done('a', read(1), append(2, 2)), done('b', read(2), append(1, 1))], {
        1: [1],
        2: [2],
      }),
      ['G2-item'],
    ],
    [
      'a read that misses what was acknowledged before it began',
      history(
        [
          done('a', append(1, 1)),
          { id: 'b', told: 'committed', began: 2, ended: 3, operations: [read(1)] },
        ],
        { 1: [1] },
      ),
      ['stale-read'],
    ],
    [
      'the same, behind a write whose caller knows nothing',
      history(
        [
          open('a', append(1, 1)),
          done('b', append(1, 2)),
          { id: 'c', told: 'committed', began: 2, ended: 3, operations: [read(1)] },
        ],
        { 1: [1, 2] },
      ),
      ['stale-read'],
    ],
    [
      'a COMMIT that was applied twice: the loop that people write by hand',
      history([done('a', append(1, 1), append(2, 2))], { 1: [1, 1], 2: [2, 2] }),
      ['duplicate'],
    ],
  ];
  test.each(bad)('%s', (_, given, expected) => {
    expect(kindsOf(given)).toEqual([...expected].sort());
  });
});

describe('what is good is not accused', () => {
  const good: readonly (readonly [string, ListHistory])[] = [
    ['nothing', history([], {})],
    [
      'one after another',
      history([done('a', read(1), append(1, 1)), done('b', read(1, 1), append(1, 2))], {
        1: [1, 2],
      }),
    ],
    ['an unknown write that is there', history([open('a', append(1, 1))], { 1: [1] })],
    ['an unknown write that is not', history([open('a', append(1, 1))], { 1: [] })],
    ['a rolled back write that is not', history([undone('a', append(1, 1))], { 1: [] })],
    [
      'two appends of one transaction, seen by itself',
      history([done('a', append(1, 1), read(1, 1), append(1, 2), read(1, 1, 2))], { 1: [1, 2] }),
    ],
    [
      'a read beside a write misses it',
      history([done('a', append(1, 1)), done('b', read(1))], { 1: [1] }),
    ],
    [
      'a read that misses a write whose caller knows nothing yet',
      history(
        [
          open('a', append(1, 1)),
          { id: 'b', told: 'committed', began: 2, ended: 3, operations: [read(1)] },
        ],
        { 1: [1] },
      ),
    ],
    [
      'a chain of ten thousand',
      history(
        Array.from({ length: 10_000 }, (_, at) => done(`u${at}`, append(1, at))),
        { 1: Array.from({ length: 10_000 }, (_, at) => at) },
      ),
    ],
  ];
  test.each(good)('%s', (_, given) => {
    expect(checkListAppend(given)).toEqual([]);
  });
});

describe('the levels', () => {
  test.each<[Level, AnomalyKind[], AnomalyKind[]]>([
    [
      'read committed',
      ['G0', 'aborted-read', 'intermediate-read', 'G1c', 'duplicate'],
      ['lost-update', 'G-single'],
    ],
    [
      'repeatable read',
      ['G1c', 'lost-update', 'G-single', 'G-nonadjacent'],
      ['G2-item', 'overdraft'],
    ],
    ['serializable', ['G-single', 'G2-item', 'overdraft', 'false-rollback'], []],
  ])('%s', (level, forbidden, allowed) => {
    expect(forbidden.filter((kind) => !forbids(level, kind))).toEqual([]);
    expect(allowed.filter((kind) => forbids(level, kind))).toEqual([]);
  });

  test('lost updates need a snapshot', () => {
    expect(forbiddenFrom('lost-update')).toBe('repeatable read');
  });
});
