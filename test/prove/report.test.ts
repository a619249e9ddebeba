/** The report of the proof: no figure is good enough for what never came about. */
import { seededRandom } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { type Account, cellName, newAccount } from '../../bench/prove/account.js';
import { cellsOf } from '../../bench/prove/coverage.js';
import { plan } from '../../bench/prove/plan.js';
import { figuresOf, objections, type Result, table } from '../../bench/prove/report.js';

const adapters = ['pg', 'knex'] as const;

function whole(): Account {
  const account = newAccount();
  for (const cell of cellsOf(adapters)) account.hits.set(cellName(cell), 1);
  return account;
}

function resultOf(xid: Account, fence: Account = whole()): Result {
  const accounts = new Map([
    ['carom-xid', xid],
    ['carom-fence', fence],
  ] as const);
  return { adapters, accounts, remarks: [] };
}

describe('what is no proof', () => {
  test('nothing, when all is well', () => {
    expect(objections(resultOf(whole()), { quick: false })).toEqual([]);
    expect(objections(resultOf(whole()), { quick: true })).toEqual([]);
  });

  test.each(['duplicates', 'lost', 'denied', 'torn'] as const)('an answer that is %s', (name) => {
    const account = { ...whole(), [name]: 1 };
    expect(objections(resultOf(account), { quick: false })).toEqual(['Carom gave 1 wrong answers']);
  });

  test('what could have been known', () => {
    const account = { ...whole(), needlesslyUnknown: 2 };
    const said = ['Carom did not know 2 times what it could know'];
    expect(objections(resultOf(account), { quick: true })).toEqual(said);
  });

  test('one combination that never came about, at one of the levels', () => {
    const account = whole();
    const cell = 'backend killed / commit / after-server / knex / nested write';
    account.hits.delete(cell);
    const said = [`this never came about: carom-xid: ${cell}`];
    expect(objections(resultOf(account), { quick: false })).toEqual(said);
    expect(objections(resultOf(account), { quick: true })).toEqual([]);
  });

  test('a fault that a short proof never met', () => {
    const account = whole();
    for (const cell of account.hits.keys()) {
      if (/^RST .* \/ pg \//.test(cell)) account.hits.delete(cell);
    }
    const said = ['this never came about: carom-xid: RST / pg'];
    expect(objections(resultOf(account), { quick: true })).toEqual(said);
  });
});

test('figures for programs have all columns, whoever played', () => {
  const figures = figuresOf(resultOf({ ...whole(), shots: 7 }), { seed: 3 });
  const numbers = { failed: 0, duplicates: 0, lost: 0, unknown: 0, wrong: 0 };
  const total = 2 * cellsOf(adapters).length;
  expect(figures).toMatchObject({
    seed: 3,
    strategies: { none: numbers, naive: numbers, carom: { ...numbers, shots: 7, faults: total } },
    faults: { total },
  });
});

test('a table for people has a line of as many cells for each figure', () => {
  const lines = table(resultOf(whole())).split('\n');
  expect(new Set(lines.map((line) => line.split('|').length))).toEqual(new Set([7]));
});

test('the same seed makes the same plan, and each hit comes before one comes again', () => {
  const of = (seed: number) => plan(seededRandom(seed), 1_000);
  expect(of(5)).toEqual(of(5));
  expect(of(5)).not.toEqual(of(6));
  const places = of(5)
    .filter((hit) => hit !== undefined)
    .map(({ loss: _, ...place }) => JSON.stringify(place));
  const first = places.findIndex((place, nth) => places.indexOf(place) < nth);
  expect(new Set(places).size).toBe(first);
});
