/** Transactions through `pg`. */
import { wrapPool } from '@carom/pg';
import { outcomeOf } from '@carom/postgres';
import pg from 'pg';
import {
  type Client,
  type ClientSettings,
  caromOptions,
  connectWithin,
  poolSize,
} from './client.js';
import { told } from './told.js';

/** Makes the client. */
export function pgClient(settings: ClientSettings): Client {
  const pool = wrapPool(
    new pg.Pool({ ...settings.config, max: poolSize, connectionTimeoutMillis: connectWithin }),
    caromOptions(settings),
  );
  return {
    transaction: (isolationLevel, work) =>
      pool.transaction(
        (client) => work(async (sql, values = []) => (await client.query(sql, [...values])).rows),
        { isolationLevel },
      ),
    told: (error) => told(outcomeOf(error)),
    close: () => pool.end(),
  };
}
