/** Transactions through Knex. */
import { wrapKnex } from '@carom/knex';
import { outcomeOf } from '@carom/postgres';
import knex from 'knex';
import {
  type Client,
  type ClientSettings,
  caromOptions,
  connectWithin,
  poolSize,
} from './client.js';
import { told } from './told.js';

const silent = (): void => undefined;

/** Makes the client. */
export function knexClient(settings: ClientSettings): Client {
  const bare = knex({
    client: 'pg',
    connection: { ...settings.config },
    pool: { min: 0, max: poolSize },
    acquireConnectionTimeout: connectWithin,
    log: { warn: silent, error: silent, deprecate: silent, debug: silent },
  });
  const db = wrapKnex(bare, caromOptions(settings));
  return {
    transaction: (isolationLevel, work) =>
      db.transaction(
        (trx) =>
          work(async (sql, values = []) => {
            const { rows } = await trx.raw(sql.replaceAll(/\$\d+/g, '?'), [...values]);
            return rows;
          }),
        { isolationLevel },
      ),
    told: (error) => told(outcomeOf(error)),
    close: () => bare.destroy(),
  };
}
