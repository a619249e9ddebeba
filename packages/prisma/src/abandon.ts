/** An abandoned attempt is one that nobody waits for any more: its clock ran out, or the caller took it back. */
import type { Attempt } from '@carom/core';
import type { AttemptLog } from '@carom/postgres';
import { apart, Connections } from './connections.js';

/** Keeps the log true about it: the phase is frozen, and what was not sent yet stays unsent. */
export function watchAbandonment(attempt: Attempt, log: AttemptLog): void {
  if (!attempt.abandonable) return;
  attempt.signal.addEventListener('abort', () => log.abandon(), { once: true });
}

/**
 * The same, and the connections that `send` takes are closed: Prisma cannot cancel what it has sent.
 * Not for operations that Prisma gathers with others before it sends them.
 */
export function closingWhenAbandoned<T>(
  attempt: Attempt,
  log: AttemptLog,
  send: () => PromiseLike<T>,
): PromiseLike<T> {
  if (!attempt.abandonable) return apart(send);
  const connections = new Connections();
  const onAbort = (): void => {
    if (log.phase === 'statement' && !log.inTransaction && connections.waiting)
      log.phase = 'acquire';
    log.abandon();
    connections.close();
  };
  attempt.signal.addEventListener('abort', onAbort, { once: true });
  return connections.run(send);
}
