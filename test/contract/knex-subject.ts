/** The contract's operations in the idiom of Knex. */
import { type CaromKnex, wrapKnex } from '@carom/knex';
import type { ServerConfig } from '@carom/testing';
import knex, { type Knex } from 'knex';
import { slotsOfTarn, type TarnPool } from './slots.js';
import type { Adapter, Subject, Tx } from './subject.js';

const operations = (db: Knex): Tx => ({
  // A builder is lazy: `then` is what runs it.
  mark: async (id) => await db('marks').insert({ mark: id }),
  count: async (id) => {
    const row = await db('marks').where({ mark: id }).count({ n: '*' }).first();
    return Number(row?.n);
  },
  bump: async (counter) => await db('counters').where({ id: counter }).increment('value', 1),
  raw: async (sql) => await db.raw(sql),
});

const subject = (db: CaromKnex<Knex>, again: () => CaromKnex<Knex>): Subject => ({
  ...operations(db),
  lazyMark: (id) => db('marks').insert({ mark: id }),
  find: async (counter) => await db('counters').where({ id: counter }).first(),
  transaction: (work, { serializable, readOnly } = {}) =>
    db.transaction((trx) => work(operations(trx)), {
      ...(serializable ? { isolationLevel: 'serializable' as const } : {}),
      ...(readOnly === undefined ? {} : { readOnly }),
    }),
  batch: (ids) =>
    db.batchInsert(
      'marks',
      ids.map((mark) => ({ mark })),
      1,
    ),
  with: (options) => subject(db.carom(options), again),
  again: () => subject(again(), again),
  pool: () => slotsOfTarn(db.client.pool as TarnPool),
  close: () => db.destroy(),
});

const silent = { warn: () => {}, error: () => {}, debug: () => {}, deprecate: () => {} };

const plain = (config: ServerConfig): Knex =>
  knex({
    client: 'pg',
    connection: { ...config },
    pool: { min: 0, max: 4 },
    acquireConnectionTimeout: 5_000,
    log: silent,
  });

export const knexAdapter: Adapter = {
  name: 'knex',
  declaresReadOnly: true,
  hasUnits: false,
  settles: true,
  plain: (config) => {
    const db = plain(config);
    return {
      ...operations(db),
      transaction: (work) => db.transaction((trx) => work(operations(trx))),
      close: () => db.destroy(),
    };
  },
  replica: (config) => {
    const client = knex({ client: 'pg', connection: { ...config }, log: silent });
    return { client, close: () => client.destroy() };
  },
  open: (config, options, { max = 4, unlimited = false } = {}) => {
    const db = knex({
      client: 'pg',
      connection: { ...config },
      pool: { min: 0, max },
      ...(unlimited ? {} : { acquireConnectionTimeout: 5_000 }),
      log: silent,
    });
    const again = () => wrapKnex(db, options);
    return subject(again(), again);
  },
};
