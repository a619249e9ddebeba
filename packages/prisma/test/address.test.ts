/** The address of a client, from whatever its adapter was made with. */
import { afterEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { addressOf } from '../src/address.js';
import { newClient } from './client.js';

const { PGHOST, PGPORT, PGDATABASE } = process.env;
const environment = { PGHOST, PGPORT, PGDATABASE };

afterEach(() => {
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

test.each([
  [
    'a string',
    'postgres://me:secret@db.invalid:7/shop',
    { host: 'db.invalid', port: '7', database: 'shop' },
  ],
  [
    'a string without a port',
    'postgres://db.invalid/a%20b',
    { host: 'db.invalid', database: 'a b' },
  ],
  [
    'a connection string among settings, which wins',
    { connectionString: 'postgres://db.invalid:7/shop', host: 'other', port: 8, database: 'other' },
    { host: 'db.invalid', port: '7', database: 'shop' },
  ],
  [
    'settings',
    { host: 'db', port: 7, database: 'shop' },
    { host: 'db', port: 7, database: 'shop' },
  ],
])('from %s', (_, settings, address) => {
  for (const name of Object.keys(environment)) delete process.env[name];
  expect(addressOf(newClient(settings))).toEqual(address);
});

test('from a pool', async () => {
  const pool = new pg.Pool({ host: 'db', port: 7, database: 'shop' });
  expect(addressOf(newClient(pool))).toEqual({ host: 'db', port: 7, database: 'shop' });
  await pool.end();
});

test('from the environment, where nothing else tells', () => {
  Object.assign(process.env, { PGHOST: 'env', PGPORT: '9', PGDATABASE: 'db' });
  expect(addressOf(newClient({}))).toEqual({ host: 'env', port: '9', database: 'db' });
});

test('that no adapter tells is of no other client', () => {
  expect(addressOf({}).host).not.toBe(addressOf({}).host);
});
