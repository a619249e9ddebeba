/** An operation outside of any transaction is a shot of its own: a statement, or a transaction that Prisma makes of it. */
import { type AttemptLog, statementShot } from '@carom/postgres';
import { closingWhenAbandoned, watchAbandonment } from './abandon.js';
import { takeOptions } from './call.js';
import { apart } from './connections.js';
import { intentOf, nameOf, refusalOf } from './intent.js';
import type { HookParams } from './internals.js';
import type { Player } from './player.js';
import { follow, knowingProgress, type Progress, unfollowed } from './progress.js';
import { traceOf } from './wire.js';

/** Prisma gathers those of one turn and sends them as one statement. */
const gathered: ReadonlySet<string> = new Set(['findUnique', 'findUniqueOrThrow']);

/**
 * Plays an operation. Whatever writes and takes several statements, Prisma puts into a transaction
 * of its own, so that a refusal of the server means that nothing was done.
 */
export function playStatement(player: Player, params: HookParams): Promise<unknown> {
  const name = nameOf(params);
  const call = takeOptions(name);
  const { args } = params;
  let progress: Progress = unfollowed;
  let last: AttemptLog | undefined;
  const shot = statementShot<unknown>({
    ...player.base,
    name,
    idempotent: call?.idempotent ?? false,
    intent: () => intentOf(params),
    refusal: () => refusalOf(params),
    play: (attempt, log) => {
      last = log;
      progress = follow(params);
      log.phase = 'statement';
      const send = (): Promise<unknown> => sendTraced(() => params.query(args), log);
      if (!gathered.has(params.operation)) return closingWhenAbandoned(attempt, log, send);
      watchAbandonment(attempt, log);
      return apart(send);
    },
  });
  const known = knowingProgress(shot, player.base.datasource, () => ({
    done: progress.done,
    sent: progress.sent,
    abandoned: last?.abandoned ?? false,
  }));
  return player.play(known, call);
}

/** Sends what commits by itself, and writes into the log how far it got if it fails. */
export async function sendTraced<T>(send: () => PromiseLike<T>, log: AttemptLog): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const trace = traceOf(error);
    if (trace?.inTransaction === false) {
      log.phase = trace.phase;
      log.completed = trace.completed;
    } else if (trace !== undefined) {
      // The transaction is one that Prisma made. Before its COMMIT was sent, it is undone in any case.
      log.phase = trace.phase === 'statement' ? 'rollback' : trace.phase;
    }
    throw error;
  }
}
