/** The outages on Knex: builders, and a transaction with a callback. */
import type { EventEmitter } from 'node:events';
import { wrapKnex } from '@carom/knex';
import knex, { type Knex } from 'knex';
import { type Client, type ClientSettings, connectTimeout, poolSize } from './client.js';
import { listenersOf } from './pools.js';

const silent = (): void => undefined;

/** Tarn, as far as it is counted. */
interface Tarn {
  numUsed(): number;
  numPendingAcquires(): number;
  numPendingCreates(): number;
}

const mark = (db: Knex, id: string) => db('marks').insert({ mark: id });
const bump = (db: Knex, row: number) => db('counters').where({ id: row }).increment('value', 1);

export function knexClient({ config, carom }: ClientSettings): Client {
  const bare = knex({
    client: 'pg',
    // Of the driver: Knex itself gives up a connection that is never made only after 30 s.
    connection: { ...config, connectionTimeoutMillis: connectTimeout },
    pool: { min: 0, max: poolSize },
    acquireConnectionTimeout: connectTimeout,
    log: { warn: silent, error: silent, deprecate: silent, debug: silent },
  });
  const db = carom === undefined ? bare : wrapKnex(bare, carom);
  const { pool } = bare.client as { pool: Tarn };
  return {
    read: async () => await db('counters').where({ id: 1 }).select('value'),
    write: async (id) => await mark(db, id),
    transaction: (id) =>
      db.transaction(async (trx) => {
        await trx('counters').where({ id: 2 }).select('value');
        await mark(trx, id);
      }),
    cross: (id, first, second) =>
      db.transaction(async (trx) => {
        await bump(trx, first);
        await bump(trx, second);
        await mark(trx, id);
      }),
    serialize: (id, row) =>
      db.transaction(
        async (trx) => {
          const found = await trx('counters').where({ id: row }).first('value');
          await trx('counters')
            .where({ id: row })
            .update({ value: Number(found?.value) + 1 });
          await mark(trx, id);
        },
        { isolationLevel: 'serializable' },
      ),
    get slots() {
      return pool.numUsed() + pool.numPendingAcquires() + pool.numPendingCreates();
    },
    get listeners() {
      return listenersOf(bare as unknown as EventEmitter);
    },
    close: () => db.destroy(),
  };
}
