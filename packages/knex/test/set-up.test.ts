import { createStrategy, isCaromError } from '@carom/core';
import { describe, expect, test } from '@jest/globals';
import knex, { type Knex } from 'knex';
import { wrapKnex } from '../src/index.js';

const plain = (client = 'pg'): Knex => knex({ client });

const refusal = (given: unknown, options?: unknown): { code: string; message: string } => {
  try {
    wrapKnex(given as Knex, options as object);
  } catch (error) {
    if (isCaromError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was taken');
};

describe('set-up', () => {
  test.each([undefined, null, 'postgres://localhost', 42, {}, () => {}, knex, Promise.resolve()])(
    '%p is no Knex',
    (given) => {
      expect(refusal(given)).toEqual({
        code: 'CAROM_NOT_A_KNEX',
        message: 'wrapKnex takes what the package knex makes: knex({ client: "pg", … })',
      });
    },
  );

  test.each(['mysql2', 'sqlite3', 'mssql', 'redshift'])('%s is another dialect', (client) => {
    const { code, message } = refusal(plain(client));
    expect(code).toBe('CAROM_NOT_POSTGRES');
    expect(message).toMatch(/client "pg".*, and this one speaks \w+$/);
  });

  test('a Knex without a dialect', () => {
    const { code, message } = refusal(knex({ client: class extends knex.Client {} }));
    expect([code, message]).toEqual([
      'CAROM_NOT_POSTGRES',
      expect.stringMatching(/no dialect of its own$/),
    ]);
  });

  test('wrapped already', () => {
    const db = wrapKnex(plain());
    const again = { code: 'CAROM_ALREADY_WRAPPED', message: expect.stringMatching(/wrap it once/) };
    expect(refusal(db)).toEqual(again);
    expect(refusal(db.carom({ retries: 1 }))).toEqual(again);
    expect(refusal(db.withUserParams({}))).toEqual(again);
  });

  test('the same Knex may be wrapped twice, with options of their own', () => {
    const one = plain();
    expect(wrapKnex(one)).not.toBe(wrapKnex(one, { retries: 1 }));
  });

  test.each<[object, RegExp]>([
    [{ retries: -1 }, /`retries` is -1; allowed: a whole number from 0/],
    [{ retires: 3 }, /unknown option `retires` \(given 3\); allowed: /],
    [{ datasource: '' }, /`datasource` is ""; allowed: a string that is not empty/],
    [{ idempotent: true }, /unknown option `idempotent`/],
  ])('options %o', (options, message) => {
    expect(refusal(plain(), options)).toEqual({
      code: 'CAROM_INVALID_OPTION',
      message: expect.stringMatching(message),
    });
  });

  test('options of a call are checked when they are given', () => {
    const db = wrapKnex(plain());
    expect(() => db.carom({ timeout: -1 })).toThrow(/`timeout` is -1; allowed/);
    expect(() => db.carom({ cushion: false } as object)).toThrow(/unknown option `cushion`/);
  });

  test('a strategy made before is taken as it is', () => {
    expect(() => wrapKnex(plain(), createStrategy({ retries: 2 }))).not.toThrow();
  });
});
