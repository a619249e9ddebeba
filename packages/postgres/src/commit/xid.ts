/** Level 1 of the resolver: one look at what became of a transaction id (xid), in the incarnation that gave it. */
import { barrier } from './barrier.js';
import { difference, type Incarnation, parseReading, readingLike } from './incarnation.js';
import type { OwnClient } from './line.js';
import type { Look } from './settlement.js';
import type { XidTicket } from './ticket.js';
import { type Answer, ask } from './wire.js';

/**
 * One statement, so that the incarnation and the status are of one moment. The status is only asked for where the
 * incarnation can be right.
 */
const status = (incarnation: Incarnation): string => `SELECT ${readingLike(incarnation)},
  CASE WHEN NOT pg_catalog.pg_is_in_recovery()
    AND (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) = $2
    AND pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8) = $3
  THEN pg_catalog.pg_xact_status($1::text::pg_catalog.xid8) END`;

/**
 * Ends the transaction where COMMIT never reached it: found by its xid, and only while its backend does nothing. One
 * that is active may be waiting for a standby, which ending it would break off (measured).
 */
const endIdle = `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
  WHERE backend_xid = $1::text::pg_catalog.xid8::pg_catalog.xid
    AND state IN ('idle in transaction', 'idle in transaction (aborted)')`;

const unheardOf = 'the server has never given that transaction id: it has crashed or been restored';

/** 22023: the id is above all that the server has given. */
function inTheFuture(error: unknown): Answer {
  if ((error as { readonly code?: unknown }).code !== '22023') throw error;
  return { rows: [] };
}

/** Asks the server once. `late` as in `difference`. */
export async function lookAtXid(
  client: OwnClient,
  { xid, incarnation, durability }: XidTicket,
  late: boolean,
): Promise<Look> {
  const asked = [xid, incarnation.system, incarnation.timeline];
  const [row = []] = (await ask(client, status(incarnation), asked).catch(inTheFuture)).rows;
  if (row.length === 0) return { outcome: 'unknown', reason: unheardOf };
  const now = parseReading(row[0]);
  if (now.recovering) return { pending: 'the server is a standby, or still recovering' };
  if (now.notPlain !== undefined) return { outcome: 'unknown', reason: now.notPlain };
  if (now.incarnation === undefined) return { outcome: 'unknown', reason: 'it could not be read' };
  const different = difference(incarnation, now.incarnation, late);
  if (different !== undefined) return { outcome: 'unknown', reason: different };
  switch (row[1]) {
    case 'committed':
      return await barrier(client, durability);
    case 'aborted':
      return { outcome: 'rolled-back', reason: 'the server says that it was rolled back' };
    case 'in progress':
      await ask(client, endIdle, [xid]);
      return { pending: 'the server is still at it', running: true };
    default:
      return { outcome: 'unknown', reason: 'the server has forgotten the transaction' };
  }
}
