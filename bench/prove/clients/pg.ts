/** The units of work on `pg`: SQL by hand. */
import { wrapPool } from '@carom/pg';
import pg, { type PoolClient } from 'pg';
import { bareTransaction } from '../../../demo/clients/bare-transaction.js';
import { survivingPool } from '../../../demo/clients/surviving-pool.js';
import type { Unit } from '../plan.js';
import { unhurried } from '../strategies.js';
import { type Client, type ClientSettings, connectTimeout, poolSize } from './client.js';

const insert = 'INSERT INTO marks (mark) VALUES ($1)';
const insertAll = 'INSERT INTO marks (mark) SELECT unnest($1::text[])';

type Work = (client: PoolClient) => Promise<unknown>;

const works: Readonly<Record<Exclude<Unit, 'autocommit'>, (ids: readonly string[]) => Work>> = {
  transaction: (ids) => async (client) => {
    for (const id of ids) await client.query(insert, [id]);
  },
  batch: (ids) => (client) => client.query(insertAll, [ids]),
  'nested write': (ids) => async (client) => {
    for (const id of ids) {
      await client.query('SAVEPOINT nested');
      await client.query(insert, [id]);
      await client.query('RELEASE SAVEPOINT nested');
    }
  },
};

export function pgClient({ config, carom }: ClientSettings): Client {
  const settings = { ...config, max: poolSize, connectionTimeoutMillis: connectTimeout };
  const bare = carom === undefined ? survivingPool(settings) : new pg.Pool(settings);
  const wrapped = carom === undefined ? undefined : wrapPool(bare, carom);
  const calm = wrapped?.carom(unhurried);
  return {
    write(unit, ids, patient) {
      const pool = patient ? calm : wrapped;
      if (unit === 'autocommit') return (pool ?? bare).query(insert, [ids[0]]);
      const work = works[unit](ids);
      return pool === undefined ? bareTransaction(bare, work) : pool.transaction(work);
    },
    close: () => bare.end(),
  };
}
