/** The book of the proof: what is not true is found, and counted as what it is. */
import { OutcomeUnknownError, recordOutcome } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import { Book } from '../../bench/prove/book.js';
import type { Hit } from '../../bench/prove/faults.js';

const none: ReadonlySet<string> = new Set();
const hit: Hit = { fault: 'immediate stop', point: 'commit', moment: 'before', lasts: 0 };
const done = async (): Promise<void> => undefined;

function failing(outcome: 'rolled-back' | 'unknown'): () => Promise<never> {
  const error =
    outcome === 'unknown'
      ? new OutcomeUnknownError({
          ...{ datasource: 'shop', phase: 'commit', reason: 'lost', cause: new Error('lost') },
        })
      : new Error('no');
  const verdict = { kind: 'outage', outcome, connection: 'discard', reason: 'lost' } as const;
  recordOutcome(error, { outcome, verdict, attempts: 1, why: 'test', datasource: 'shop' });
  return () => Promise.reject(error);
}

/** A book of one unit of two rows, and what the database has of them. */
async function account(
  level: 'xid' | 'fence' | undefined,
  work: () => Promise<unknown>,
  rows: Readonly<Record<string, number>>,
  { at = undefined as Hit | undefined, vanished = none } = {},
) {
  const book = new Book(level);
  await book.enter(['a/1', 'a/2'], at, work);
  book.audit(new Map(Object.entries(rows)), vanished);
  return book.account;
}

describe('an account', () => {
  test('of what was done and is there, once, has nothing to say', async () => {
    const found = { 'a/1': 1, 'a/2': 1, 'somebody else/1': 5 };
    expect(await account('xid', done, found)).toMatchObject({
      ...{ shots: 1, failed: 0, unknown: 0, needlesslyUnknown: 0, duplicates: 0, lost: 0 },
      ...{ denied: 0, torn: 0, doneDespiteError: 0, lostByServer: 0 },
    });
  });

  test.each([
    ['there twice', done, { 'a/1': 2, 'a/2': 2 }, { duplicates: 1 }],
    ['done and not there', done, {}, { lost: 1, torn: 0 }],
    ['there in part', done, { 'a/1': 1 }, { lost: 1, torn: 1 }],
    [
      'not done and there',
      failing('rolled-back'),
      { 'a/1': 1, 'a/2': 1 },
      { denied: 1, failed: 1 },
    ],
    ['unknown and there twice', failing('unknown'), { 'a/1': 2, 'a/2': 2 }, { duplicates: 1 }],
  ])('finds what is %s', async (_name, work, found, said) => {
    expect(await account('xid', work, found)).toMatchObject(said);
  });

  test('of what vanished with a primary, and was said to be done by it', async () => {
    const vanished = new Set(['a/1', 'a/2']);
    const said = { lost: 0, lostByServer: 1 };
    expect(await account('fence', done, {}, { vanished })).toMatchObject(said);
  });

  test.each([
    ['xid', hit, 0],
    ['fence', hit, 1],
    ['xid', { ...hit, point: 'statement' }, 1],
    ['xid', { ...hit, fault: 'FIN' }, 1],
    ['xid', undefined, 1],
  ] as const)('knows what %s could know (%j)', async (level, at, needlesslyUnknown) => {
    const said = { unknown: 1, needlesslyUnknown };
    expect(await account(level, failing('unknown'), {}, { at })).toMatchObject(said);
  });

  test('of a bare client, whose error claims nothing', async () => {
    const lost = async (): Promise<never> => {
      throw new Error('Connection terminated unexpectedly');
    };
    const found = { 'a/1': 1, 'a/2': 1 };
    const said = { unknown: 1, denied: 0, needlesslyUnknown: 0, doneDespiteError: 1 };
    expect(await account(undefined, lost, found)).toMatchObject(said);
  });
});
