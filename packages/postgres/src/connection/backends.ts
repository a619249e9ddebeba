/** The backends behind connections: what the server says that they are doing. */

import type { OwnClient } from '../commit/line.js';
import { asking, lastAnswer } from '../commit/wire.js';

/** What the server says of one of them: at work, done with all that it was sent, or not there at all. */
export type BackendState = 'working' | 'idle' | 'gone';

/**
 * The server's own process first: behind a pooler it is not the one that the client was told of. One that waits for the client
 * in the middle of a statement has lost the rest of it on the way, unless it is a COPY, whose data may come when they like.
 */
const states = `SELECT pg_catalog.pg_backend_pid()::text, a.pid::text,
    CASE WHEN a.wait_event = 'ClientRead' AND a.query !~* '\\mcopy\\M' THEN 'idle' ELSE a.state END
  FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = ANY ($1::text::int[])`;

/**
 * Asks for the backends with these ids. Undefined where the ids are those of a pooler, which nobody can be asked about.
 * @throws what the asking threw.
 */
export async function askBackends(
  client: OwnClient & { readonly processID?: number | null },
  ids: readonly number[],
): Promise<ReadonlyMap<number, BackendState> | undefined> {
  const { rows } = lastAnswer(await client.query(asking(states, [`{${ids.join()}}`])));
  if (rows[0]?.[0] !== String(client.processID)) return undefined;
  const found = new Map(rows.map(([, id, state]) => [Number(id), state]));
  return new Map(ids.map((id) => [id, found.has(id) ? stateOf(found.get(id)) : 'gone']));
}

function stateOf(state: string | null | undefined): BackendState {
  return state?.startsWith('idle') === true ? 'idle' : 'working';
}
