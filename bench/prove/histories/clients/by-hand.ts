/** The control: bare `pg` in the retry loop that people write by hand, which must be found out. */

import { survivingPool } from '../../../../demo/clients/surviving-pool.js';
import { handWrittenLoop } from '../../../../demo/load/hand-written-loop.js';
import {
  attemptTimeout,
  type Client,
  type ClientSettings,
  connectWithin,
  poolSize,
} from './client.js';

/** Makes the client. */
export function byHandClient({ config, onRetry }: ClientSettings): Client {
  const pool = survivingPool({
    ...config,
    max: poolSize,
    connectionTimeoutMillis: connectWithin,
    query_timeout: attemptTimeout,
  });
  return {
    transaction: (level, work) =>
      handWrittenLoop(
        async () => {
          const client = await pool.connect();
          try {
            await client.query(`BEGIN ISOLATION LEVEL ${level}`);
            const value = await work(
              async (sql, values = []) => (await client.query(sql, [...values])).rows,
            );
            await client.query('COMMIT');
            client.release();
            return value;
          } catch (error) {
            // On a connection that is silent, ROLLBACK would wait for another timeout.
            client.release(true);
            throw error;
          }
        },
        () => onRetry(false),
      ),
    // So it is read by whoever retries it.
    told: () => 'rolled-back',
    close: () => pool.end(),
  };
}
