/** The contract's operations in the idiom of `pg`. */
import { type CaromPool, wrapPool } from '@carom/pg';
import pg from 'pg';
import { slotsOfPg } from './slots.js';
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

const subject = (pool: CaromPool, again: () => CaromPool): Subject => ({
  pool: () => slotsOfPg(pool),
  ...operations(pool),
  lazyMark: (id) => ({
    // biome-ignore lint/suspicious/noThenProperty: as those libraries have it that are built on pg.
    then: (done, fail) =>
      pool.query('INSERT INTO marks (mark) VALUES ($1)', [id]).then(done as never, fail as never),
  }),
  find: (counter) => pool.query('SELECT * FROM counters WHERE id = $1', [counter]),
  transaction: (work, { serializable, readOnly } = {}) =>
    pool.transaction((client) => work(operations(client)), {
      isolationLevel: serializable ? 'serializable' : undefined,
      readOnly,
    }),
  with: (options) => subject(pool.carom(options), again),
  again: () => subject(again(), again),
  close: () => pool.end(),
});

export const pgAdapter: Adapter = {
  name: 'pg',
  declaresReadOnly: true,
  hasUnits: false,
  settles: true,
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
  replica: (config) => {
    const client = new pg.Pool(config);
    return { client, close: () => client.end() };
  },
  open: (config, options, { max = 4, unlimited = false } = {}) => {
    const limit = unlimited ? {} : { connectionTimeoutMillis: 5_000 };
    const pool = new pg.Pool({ ...config, ...limit, max, idleTimeoutMillis: 60_000 });
    const again = () => wrapPool(pool, options);
    return subject(again(), again);
  },
};
