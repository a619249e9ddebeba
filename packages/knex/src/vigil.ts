/** The vigil over a Knex: whether the servers of its unanswered statements are still at work on them (liveness). */
import { type Connect, keepVigil, Vigil } from '@carom/postgres';
import { drain, isPool } from './drain.js';
import type { KnexClient } from './internals.js';

const vigils: WeakMap<object, Vigil> = new WeakMap();

/** Has it kept over all that is sent on connections of the client's pool; `silence` as in the options. */
export function watchStatements(
  client: KnexClient,
  connect: Connect,
  silence: number | false | undefined,
): void {
  if (silence === false || vigils.has(client)) return;
  const foreign = client.config.connectionPool;
  if (isPool(foreign)) {
    keepVigil(foreign, { connect, silence });
    return;
  }
  const lent = () => (client.pool?.used ?? []).map(({ resource }) => resource);
  vigils.set(
    client,
    new Vigil({ connect, silence, lent, drain: (connection) => drain(client, connection) }),
  );
}

/** That of a client with a pool of its own. */
export function vigilOf(client: KnexClient): Vigil | undefined {
  return vigils.get(client);
}
