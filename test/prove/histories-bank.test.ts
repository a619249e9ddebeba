/** The bank checker on books that are known to be wrong, and on right ones. */
import { describe, expect, test } from '@jest/globals';
import {
  type BankHistory,
  type BankUnit,
  checkBank,
} from '../../bench/prove/histories/checker/bank.js';
import type { AnomalyKind } from '../../bench/prove/histories/checker/level.js';

const transfer: BankUnit = { id: 't', told: 'committed', began: 0, ended: 1, entries: 2 };
const withdrawal: BankUnit = {
  id: 'w',
  told: 'committed',
  began: 2,
  ended: 3,
  entries: 1,
  pair: 20,
};
const look: BankUnit = { id: 'l', told: 'committed', began: 4, ended: 5, entries: 0, total: 20 };

/** Two accounts for transfers (1, 2) and a pair (3, 4), 10 in each; one transfer of 5, and 4 withdrawn. */
const right: BankHistory = {
  units: [transfer, withdrawal, look],
  opening: 10,
  total: 20,
  pairs: [[3, 4]],
  balances: new Map([
    [1, 5],
    [2, 15],
    [3, 6],
    [4, 10],
  ]),
  entries: [
    { unit: 't', account: 1, amount: -5 },
    { unit: 't', account: 2, amount: 5 },
    { unit: 'w', account: 3, amount: -4 },
  ],
};

const kindsOf = (history: BankHistory): readonly AnomalyKind[] => [
  ...new Set(checkBank(history).map(({ kind }) => kind)),
];
const balances = (...all: readonly number[]): BankHistory['balances'] =>
  new Map(all.map((balance, index) => [index + 1, balance]));

describe('the bank checker', () => {
  test('right books', () => {
    expect(checkBank(right)).toEqual([]);
  });

  const wrong: readonly (readonly [string, Partial<BankHistory>, readonly AnomalyKind[]])[] = [
    [
      'a transfer that was applied twice',
      {
        entries: [...right.entries, ...right.entries.slice(0, 2)],
        balances: balances(0, 20, 6, 10),
      },
      ['duplicate'],
    ],
    [
      'an unknown withdrawal, twice',
      {
        units: [transfer, { ...withdrawal, told: 'unknown', pair: undefined }],
        entries: [...right.entries, ...right.entries.slice(2)],
        balances: balances(5, 15, 2, 10),
      },
      ['duplicate'],
    ],
    [
      'a transfer reported as rolled back',
      { units: [{ ...transfer, told: 'rolled-back' }, withdrawal] },
      ['false-rollback'],
    ],
    [
      'a withdrawal that is not there',
      { entries: right.entries.slice(0, 2), balances: balances(5, 15, 10, 10) },
      ['lost-write'],
    ],
    [
      'half a transfer',
      {
        units: [{ ...transfer, told: 'unknown' }, withdrawal],
        entries: right.entries.slice(1),
        balances: balances(10, 15, 6, 10),
      },
      ['torn-write'],
    ],
    [
      'a transfer with two debits',
      {
        entries: [
          ...right.entries.slice(0, 1),
          { unit: 't', account: 2, amount: -5 },
          ...right.entries.slice(2),
        ],
        balances: balances(5, 5, 6, 10),
      },
      ['torn-write'],
    ],
    ['an entry of nobody', { units: [transfer, look] }, ['invented']],
    ['a lost update of a balance', { balances: balances(5, 10, 6, 10) }, ['wrong-balance']],
    [
      'a total in the middle of a transfer',
      { units: [transfer, withdrawal, { ...look, total: 15 }] },
      ['wrong-total'],
    ],
    ['a pair seen below zero', { units: [transfer, { ...withdrawal, pair: -1 }] }, ['overdraft']],
    [
      'a pair below zero at the end',
      {
        entries: [...right.entries.slice(0, 2), { unit: 'w', account: 3, amount: -30 }],
        balances: balances(5, 15, -20, 10),
      },
      ['overdraft'],
    ],
  ];
  test.each(wrong)('%s', (_, change, expected) => {
    expect(kindsOf({ ...right, ...change })).toEqual(expected);
  });

  test.each<[string, BankUnit['told']]>([
    ['is there', 'unknown'],
    ['is there and was acknowledged', 'committed'],
  ])('a transfer that %s is right', (_, told) => {
    expect(checkBank({ ...right, units: [{ ...transfer, told }, withdrawal] })).toEqual([]);
  });
});
