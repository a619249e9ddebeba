/** The units of work on Knex: builders, `batchInsert`, and a transaction within a transaction. */
import { wrapKnex } from '@carom/knex';
import knex from 'knex';
import { unhurried } from '../strategies.js';
import { type Client, type ClientSettings, connectTimeout, poolSize } from './client.js';

const silent = (): void => undefined;

export function knexClient({ config, carom }: ClientSettings): Client {
  const bare = knex({
    client: 'pg',
    connection: config,
    pool: { min: 0, max: poolSize },
    acquireConnectionTimeout: connectTimeout,
    log: { warn: silent, error: silent, deprecate: silent, debug: silent },
  });
  const wrapped = carom === undefined ? undefined : wrapKnex(bare, carom);
  const calm = wrapped?.carom(unhurried);
  const row = (mark: string): { readonly mark: string } => ({ mark });
  return {
    async write(unit, ids, patient) {
      const db = (patient ? calm : wrapped) ?? bare;
      switch (unit) {
        case 'autocommit':
          return await db('marks').insert(ids.map(row));
        case 'transaction':
          return await db.transaction(async (trx) => {
            for (const id of ids) await trx('marks').insert(row(id));
          });
        case 'batch':
          return await db.batchInsert('marks', ids.map(row), 1);
        case 'nested write':
          return await db.transaction(async (trx) => {
            for (const id of ids) await trx.transaction((inner) => inner('marks').insert(row(id)));
          });
      }
    },
    close: () => bare.destroy(),
  };
}
