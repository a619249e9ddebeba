/** Gathered operations are those that Prisma sends as one statement: it is broken off when nobody of them waits any more. */
import type { Attempt } from '@carom/core';
import { AttemptLog } from '@carom/postgres';
import { Session } from './session.js';
import type { Settling } from './settling.js';

/** One of them. */
export interface Gathered {
  readonly log: AttemptLog;
  readonly settling: Settling;
  /** The session that it is sent in. */
  session: Session | undefined;
}

/** The session that they share. From then on each of them is only gone when all are. */
export function shareSession(all: readonly Gathered[]): Session {
  const nobody = new AbortController();
  const shared: Attempt = { attempt: 1, abandonable: true, signal: nobody.signal };
  const log = new AttemptLog(false);
  log.phase = 'statement';
  const settling = { ...(all[0] as Gathered).settling, connectPatience: longestPatience(all) };
  const session = new Session({ log, settling, onlyRead: () => true }, shared);
  const waiting = new Set(all);
  const leave = (one: Gathered, reason: unknown): PromiseLike<unknown> | undefined => {
    waiting.delete(one);
    if (waiting.size > 0 || nobody.signal.aborted) return undefined;
    nobody.abort(reason);
    return log.cancelFor(reason);
  };
  for (const one of all) {
    one.session = session;
    one.log.cancel = (reason) => Promise.resolve(leave(one, reason));
    // Given up before it was sent.
    if (one.log.abandoned) void leave(one, undefined);
  }
  return session;
}

/** In ms; undefined where one of them leaves it to the pool. */
function longestPatience(all: readonly Gathered[]): number | undefined {
  const patience = Math.max(
    ...all.map(({ settling }) => settling.connectPatience ?? Number.POSITIVE_INFINITY),
  );
  return Number.isFinite(patience) ? patience : undefined;
}
