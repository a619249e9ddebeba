/** The outages on `pg`: SQL by hand. */
import { wrapPool } from '@carom/pg';
import type { Pool, PoolClient } from 'pg';
import { type Client, type ClientSettings, poolOf, sql } from './client.js';
import { listenersOf, slotsOf } from './pools.js';

type Work = (client: PoolClient) => Promise<unknown>;

/** The transaction helper that every project on bare `pg` has. */
async function bareTransaction(pool: Pool, work: Work, isolation: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(`BEGIN${isolation}`);
    await work(client);
    await client.query('COMMIT');
    client.release();
  } catch (error) {
    const isBroken = await client.query('ROLLBACK').then(
      () => false,
      () => true,
    );
    client.release(isBroken);
    throw error;
  }
}

export function pgClient(settings: ClientSettings): Client {
  const { carom } = settings;
  const bare = poolOf(settings);
  const wrapped = carom === undefined ? undefined : wrapPool(bare, carom);
  const pool: Pool = wrapped ?? bare;
  const transaction = (work: Work): Promise<unknown> =>
    wrapped === undefined ? bareTransaction(bare, work, '') : wrapped.transaction(work);
  const serializable = (work: Work): Promise<unknown> =>
    wrapped === undefined
      ? bareTransaction(bare, work, ' ISOLATION LEVEL SERIALIZABLE')
      : wrapped.transaction(work, { isolationLevel: 'serializable' });
  return {
    read: () => pool.query(sql.read, [1]),
    write: (id) => pool.query(sql.write, [id]),
    transaction: (id) =>
      transaction(async (client) => {
        await client.query(sql.read, [2]);
        await client.query(sql.write, [id]);
      }),
    cross: (id, first, second) =>
      transaction(async (client) => {
        await client.query(sql.bump, [first]);
        await client.query(sql.bump, [second]);
        await client.query(sql.write, [id]);
      }),
    serialize: (id, row) =>
      serializable(async (client) => {
        const { rows } = await client.query<{ value: number }>(sql.read, [row]);
        await client.query(sql.set, [row, Number(rows[0]?.value) + 1]);
        await client.query(sql.write, [id]);
      }),
    get slots() {
      return slotsOf(bare);
    },
    get listeners() {
      return listenersOf(bare);
    },
    close: () => pool.end(),
  };
}
