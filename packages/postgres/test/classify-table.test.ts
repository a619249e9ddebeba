/** The table of known failures, case by case, in every shape in which pg, Knex and Prisma throw it. */
import type { Verdict } from '@carom/core';
import { describe, expect, test } from '@jest/globals';
import { classify, type FailureContext } from '../src/classify/classify.js';
import { cases, type ErrorCase, shapesOf } from './error-cases.js';
import { databaseError } from './error-shapes.js';

function contextOf({ match }: ErrorCase): FailureContext {
  return {
    ...(match.phase !== undefined && { phase: match.phase }),
    ...(match.kind === 'after-unknown' && { afterUnknown: true }),
    ...(match.kind === 'read-only-intended' && { readOnlyIntended: true }),
  };
}

const contention = /^(40|55)/;

/** The kind that a case's transience and backoff come to. */
function kindOf({ match, transient, backoff }: ErrorCase): Verdict['kind'] {
  if (match.code === 'ABORT_ERR' || match.name === 'AbortError') return 'cancelled';
  if (!transient) return 'permanent';
  if (backoff === 'overload') return 'overload';
  if (backoff === 'immediate') return 'stale';
  const { code = '' } = match;
  const isContention = contention.test(code) && code !== '40003' && code !== '55000';
  return isContention ? 'contention' : 'outage';
}

const rows = cases.flatMap((each) =>
  Object.entries(shapesOf(each)).map(([shape, build]) => ({ each, id: each.id, shape, build })),
);

test('the table is whole, and every case has at least one shape', () => {
  expect(cases).toHaveLength(292);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(292);
});

describe('every case of the table', () => {
  test.each(rows)('$id as $shape', ({ each, build }) => {
    expect(classify(build(), contextOf(each))).toMatchObject({
      kind: kindOf(each),
      outcome: each.outcome,
      connection: each.connection,
    });
  });

  const atCommit = rows.filter(({ each }) => each.match.phase === undefined);
  test.each(atCommit)('$id as $shape, while COMMIT was in flight', ({ each, build }) => {
    const verdict = classify(build(), { ...contextOf(each), phase: 'commit' });
    expect(verdict.outcome).toBe(each.atCommit);
    expect(verdict.kind).toBe(kindOf(each));
  });

  const coded = rows.flatMap(({ each, ...rest }) => {
    const code = each.match.code ?? each.match.prismaCode;
    return code === undefined ? [] : [{ ...rest, code, context: contextOf(each) }];
  });
  test.each(coded)('$id as $shape is found by its code', ({ code, build, context }) => {
    expect(classify(build(), context).code).toBe(code);
  });
});

describe('corrections measured after the table was written', () => {
  const ended = () =>
    databaseError('57P01', 'terminating connection due to administrator command', 'FATAL');

  test('57P01 on an autocommit statement is rolled back if no CommandComplete arrived', () => {
    expect(classify(ended(), { completed: false }).outcome).toBe('rolled-back');
  });

  test('57P01 on an autocommit statement is unknown if a CommandComplete arrived', () => {
    expect(classify(ended(), { completed: true }).outcome).toBe('unknown');
  });

  test('57P01 on an autocommit statement is unknown if the driver hides CommandComplete', () => {
    expect(classify(ended()).outcome).toBe('unknown');
    expect(classify(ended(), { completed: undefined }).outcome).toBe('unknown');
  });

  test('57P01 inside a transaction before COMMIT is rolled back, whatever completed', () => {
    for (const completed of [true, false, undefined]) {
      expect(classify(ended(), { inTransaction: true, completed }).outcome).toBe('rolled-back');
    }
  });

  test('57P01 as the answer to COMMIT is unknown, whatever completed', () => {
    for (const completed of [true, false, undefined]) {
      expect(classify(ended(), { phase: 'commit', completed }).outcome).toBe('unknown');
    }
  });

  test('an ERROR after a statement that commits by itself is unknown', () => {
    const error = databaseError('40001', 'could not serialize access', 'ERROR');
    expect(classify(error, { commitsItself: true }).outcome).toBe('unknown');
  });

  test('no other lost connection is settled by the absence of a CommandComplete', () => {
    const lost = new Error('Connection terminated unexpectedly');
    expect(classify(lost, { completed: false }).outcome).toBe('unknown');
    const crash = databaseError('57P02', 'crash', 'FATAL');
    expect(classify(crash, { completed: false }).outcome).toBe('unknown');
  });
});
