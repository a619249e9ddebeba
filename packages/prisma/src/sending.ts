/** Sending: what Prisma is given to send, and what is written into the log of how far it got if it fails. */
import type { AttemptLog } from '@carom/postgres';
import type { Session } from './session.js';
import { traceOf } from './wire.js';

/** Sends what commits by itself, or what Prisma puts into a transaction of its own. */
export async function sendTraced<T>(
  send: () => PromiseLike<T>,
  log: AttemptLog,
  session: Session,
): Promise<T> {
  try {
    return await session.run(send);
  } catch (error) {
    noteTrace(error, log);
    throw session.own(error);
  }
}

/** Notes how far the statement got that failed. */
export function noteTrace(error: unknown, log: AttemptLog): void {
  const trace = traceOf(error);
  log.connection ??= trace?.connection;
  if (trace?.inTransaction === false) {
    log.phase = trace.phase;
    log.completed = trace.completed;
  } else if (trace !== undefined) {
    // The transaction is one that Prisma made. Before its COMMIT was sent, it is undone in any case.
    log.phase = trace.phase === 'statement' ? 'rollback' : trace.phase;
  }
}

/** Sends what is a transaction, whose log the wire has kept where it was seen. */
export async function sendUnit<T>(
  send: () => PromiseLike<T>,
  log: AttemptLog,
  session: Session,
): Promise<T> {
  // Where nobody sees whether COMMIT was sent, it may have been; until the session is seen to wait for a connection.
  log.phase = 'commit';
  log.send(undefined);
  try {
    return await send();
  } catch (error) {
    const trace = traceOf(error);
    log.connection ??= trace?.connection;
    if (trace !== undefined) {
      log.note(error);
      if (trace.inTransaction || trace.phase === 'acquire') log.phase = trace.phase;
    }
    throw session.own(error);
  }
}
