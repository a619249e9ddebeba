/** Level 2 of the resolver: the fence. The same token is put in once more; only one of the two can be there. */
import type { Clock } from '@carom/core';
import { committedIf, confirmed } from './barrier.js';
import { type Connect, noAnswer, type OwnClient, onLine, within } from './line.js';
import { elsewhere, hadOriginal, type Origin, originHere } from './origin.js';
import type { Look } from './settlement.js';
import type { FenceTicket } from './ticket.js';
import { isTokensMissing, secureDurability } from './tokens.js';
import { ask } from './wire.js';

/** How long one try waits for a pending original, in ms; then the resolver looks whether it is idle. */
const lockTimeout = 250;
/** How long it waits before it looks who holds the token, in ms. */
const patienceBeforeLook = 20;

/** In one message: each more would be a round trip more for whoever waits to hear what became of a COMMIT. */
const begin = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ${secureDurability};
  SET LOCAL lock_timeout = ${lockTimeout}; SELECT pg_catalog.pg_backend_pid()::text`;
const beginAndRead = `${begin}, ${originHere}`;

const insertFence = `INSERT INTO carom.commit_tokens (token, fenced) VALUES ($1::uuid, true)
  ON CONFLICT (token) DO NOTHING RETURNING 1`;

const isExpired = `SELECT 1 FROM carom.commit_horizon
  WHERE expired_until >= pg_catalog.to_timestamp($1::float8) - interval '1 millisecond'`;

const isFenced = 'SELECT 1 FROM carom.commit_tokens WHERE token = $1::uuid AND fenced';

/**
 * Ends the original where COMMIT never reached it: whoever holds the token up, and only while it does nothing.
 * $1 is the fence's own backend, which waits for it.
 */
const endIdleBlocker = `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
  WHERE pid = ANY (pg_catalog.pg_blocking_pids($1::int)) AND backend_xid IS NOT NULL
    AND state IN ('idle in transaction', 'idle in transaction (aborted)')`;

const code = (error: unknown): unknown =>
  (error as { readonly code?: unknown } | null | undefined)?.code;

/** That of the fence's own backend. */
type Pid = string | null | undefined;

/** What the fence needs beside its own line. */
export interface Beside {
  /** Opens another line. */
  readonly second: Connect;
  readonly clock: Clock;
}

/**
 * Fences the original out, or finds that it is committed; where it never was, it does nothing.
 * @param late whether time has passed that nobody watched: then a copy of older data could have taken the server's place.
 */
export async function lookAtFence(
  client: OwnClient,
  ticket: FenceTicket,
  late: boolean,
  beside: Beside,
): Promise<Look> {
  const { origin } = ticket;
  if (origin === undefined && late)
    return { outcome: 'unknown', reason: 'it is not said where its token is' };
  try {
    const text = origin === undefined ? begin : beginAndRead;
    const [pid, ...place] = (await ask(client, text)).rows[0] ?? [];
    const wrong = origin && elsewhere(origin, place);
    if (wrong !== undefined) return await leave(client, wrong);
    const isOther = late && origin !== undefined && origin.started !== place[2];
    if (isOther && !(await had(client, origin, ticket))) return await leave(client, copied);
    return await fence(client, ticket, pid, beside);
  } catch (error) {
    if (isTokensMissing(error)) {
      return { outcome: 'unknown', reason: "Carom's table of commit tokens is gone" };
    }
    if (code(error) === '55P03') return { pending: 'the server is still at it', running: true };
    if (code(error) === '25006') return { pending: 'the server takes no writes' };
    throw error;
  }
}

async function fence(
  client: OwnClient,
  { token, createdAt }: FenceTicket,
  pid: Pid,
  beside: Beside,
): Promise<Look> {
  const { rows } = await withoutIdleBlocker(pid, beside, () => ask(client, insertFence, [token]));
  if (rows.length === 0) {
    // Somebody's resolver may have been here before, and lost its answer.
    const isOurs = (await ask(client, isFenced, [token])).rows.length > 0;
    await ask(client, "SELECT pg_catalog.pg_logical_emit_message(true, 'carom', '')");
    const isConfirmed = await confirmed(client, () => ask(client, 'COMMIT'));
    if (isOurs) return fencedOut;
    return committedIf(isConfirmed);
  }
  if ((await ask(client, isExpired, [createdAt])).rows.length > 0) {
    return await leave(client, 'its token is older than those that are kept');
  }
  const isConfirmed = await confirmed(client, () => ask(client, 'COMMIT'));
  return isConfirmed ? fencedOut : { pending: 'the fence is on the primary alone' };
}

/** Nothing is left behind where nothing can be known. */
async function leave(client: OwnClient, reason: string): Promise<Look> {
  await ask(client, 'ROLLBACK');
  return { outcome: 'unknown', reason };
}

async function had(client: OwnClient, { xid }: Origin, { token }: FenceTicket): Promise<boolean> {
  return (await ask(client, hadOriginal, [xid, token])).rows[0]?.[0] === 'true';
}

const copied =
  'the server was started again since, perhaps from a copy of its data: it does not know the transaction';

const fencedOut: Look = {
  outcome: 'rolled-back',
  reason: 'the token was free, and it is fenced out',
};

/** Waits for the lock; meanwhile, on a line of its own, looks whether an idle backend holds it. */
async function withoutIdleBlocker<T>(
  pid: Pid,
  { second, clock }: Beside,
  work: () => Promise<T>,
): Promise<T> {
  const insertion = work();
  // Most tokens are free or committed, and answered before a second connection is worth it.
  if ((await within(insertion, patienceBeforeLook, clock)) === noAnswer) {
    const end = async (other: OwnClient): Promise<unknown> =>
      await ask(other, endIdleBlocker, [pid]);
    await onLine(second, lockTimeout, clock, end).catch(() => {});
  }
  return await insertion;
}
