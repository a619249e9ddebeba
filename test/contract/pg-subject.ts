/** The contract's operations in the idiom of `pg`. */
import { type CaromPool, wrapPool } from '@carom/pg';
import pg from 'pg';
import type { Adapter, Subject, Tx } from './subject.js';

interface Queryable {
  query(text: string, values?: unknown[]): Promise<pg.QueryResult>;
}

const operations = (on: Queryable): Tx => ({
  mark: (id) => on.query('INSERT INTO marks (mark) VALUES ($1)', [id]),
  count: async (id) => {
    const { rows } = await on.query('SELECT count(*) AS n FROM marks WHERE mark = $1', [id]);
    return Number(rows[0].n);
  },
  bump: (counter) => on.query('UPDATE counters SET value = value + 1 WHERE id = $1', [counter]),
  raw: (sql) => on.query(sql),
});

const subject = (pool: CaromPool): Subject => ({
  ...operations(pool),
  transaction: (work, { serializable, readOnly } = {}) =>
    pool.transaction((client) => work(operations(client)), {
      isolationLevel: serializable ? 'serializable' : undefined,
      readOnly,
    }),
  with: (options) => subject(pool.carom(options)),
  close: () => pool.end(),
});

export const pgAdapter: Adapter = {
  name: 'pg',
  declaresReadOnly: true,
  settles: true,
  open: (config, options) =>
    subject(wrapPool(new pg.Pool({ ...config, max: 4, connectionTimeoutMillis: 5_000 }), options)),
  plain: (config) => {
    const pool = new pg.Pool({ ...config, max: 4 });
    return {
      ...operations(pool),
      async transaction(work) {
        const client = await pool.connect();
        await client.query('BEGIN');
        const value = await work(operations(client));
        await client.query('COMMIT');
        client.release();
        return value;
      },
      close: () => pool.end(),
    };
  },
};
