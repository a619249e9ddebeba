import { describe, expect, test } from '@jest/globals';
import { addressOf } from '../src/address.js';
import type { KnexClient } from '../src/internals.js';

const address = (config: object): ReturnType<typeof addressOf> =>
  addressOf({ config } as KnexClient);

describe('the address', () => {
  test.each<[string, object]>([
    [
      'an object',
      { connection: { host: 'db.invalid', port: 5_433, database: 'orders', password: 'secret' } },
    ],
    ['a URL', { connection: 'postgres://me:secret@db.invalid:5433/orders?sslmode=require' }],
    [
      'a URL in an object',
      { connection: { connectionString: 'postgres://me@db.invalid:5433/orders' } },
    ],
    [
      'the options of a pool',
      { connectionPool: { options: { host: 'db.invalid', port: '5433', database: 'orders' } } },
    ],
  ])('from %s', (_name, config) => {
    expect(address(config)).toEqual({ host: 'db.invalid', port: '5433', database: 'orders' });
  });

  test('a name with percent signs', () => {
    expect(address({ connection: 'postgres://db.invalid/a%20b' }).database).toBe('a b');
  });

  test('what a function will say is not known yet', () => {
    expect(address({ connection: async () => ({ host: 'db.invalid' }) })).toEqual({});
  });

  test('what is not said comes from the environment, as in pg', () => {
    const before = process.env['PGDATABASE'];
    process.env['PGDATABASE'] = 'of_the_environment';
    try {
      expect(address({ connection: { host: 'db.invalid' } }).database).toBe('of_the_environment');
      expect(address({}).database).toBe('of_the_environment');
    } finally {
      if (before === undefined) delete process.env['PGDATABASE'];
      else process.env['PGDATABASE'] = before;
    }
  });

  test('what is no URL is not read as one', () => {
    expect(address({ connection: { connectionString: 'no url', database: 'd' } }).database).toBe(
      'd',
    );
  });
});
