/** Cancelling: an attempt that nobody waits for is broken off on the server, so that its outcome is known. */
import { type Attempt, isCaromError } from '@carom/core';
import type { CommitGuard } from '../commit/guard.js';
import { hangUp } from '../commit/wire.js';
import { type CancelableClient, requestCancel } from '../connection/cancel-request.js';
import type { AttemptLog } from './attempt-log.js';

/** How long a cancelled statement may take to end, in ms; then its connection is cut. */
const cancelLimit = 1_000;
/** How long a COMMIT on its way may be asked about, in ms, when nobody wants to wait any more. */
const settleLimit = 2_000;

/** The connection of an attempt. */
export interface Held {
  readonly client: CancelableClient & { readonly connection?: unknown };
  /** Whether a statement is on its way. */
  readonly busy: boolean;
  /** Gives its place back: the attempt may never end. Not where something else ends it. */
  letGo?(): void;
}

/**
 * Says how the attempt is cancelled. A statement gets a cancel request, and
 * the answer of a single write is waited for: the server then says itself that it rolled back. A COMMIT is never cancelled, which would
 * break off a wait for standbys: it is settled by asking.
 * @param held the attempt's connection; undefined while it has none.
 */
export function makeCancellable(
  attempt: Attempt,
  log: AttemptLog,
  held: () => Held | undefined,
): void {
  if (!attempt.abandonable) return;
  log.cancel = async (reason) => {
    const now = held();
    if (now === undefined) return;
    if (log.phase === 'commit') {
      if (log.guard !== undefined) return await settle(log, log.guard, reason);
      hangUp(now.client);
      return await log.stillRunning(settleLimit);
    }
    if (now.busy) {
      log.cancelled = true;
      const asked = requestCancel(now.client);
      // What is undone or may be done again anyway needs no answer.
      if (log.answerMatters) {
        await Promise.race([asked, log.stillRunning(cancelLimit)]);
        await log.stillRunning(cancelLimit);
      }
    }
    hangUp(now.client);
    now.letGo?.();
  };
}

/** Where only the attempt's time is over, the shot still has patience for an answer, until its caller has none. */
async function settle(log: AttemptLog, guard: CommitGuard, reason: unknown): Promise<void> {
  const goesOn = isAttempts(reason);
  const limit = goesOn ? Math.max(guard.timeLeft(log.shotBegan), settleLimit) : settleLimit;
  guard.giveUp(limit);
  const over = log.stillRunning(limit);
  const { signal } = guard;
  if (!goesOn || signal === undefined) return await over;
  await new Promise<void>((resolve) => {
    const aborted = (): void => void log.stillRunning(settleLimit).then(resolve);
    signal.addEventListener('abort', aborted, { once: true });
    void over.then(() => {
      signal.removeEventListener('abort', aborted);
      resolve();
    });
    if (signal.aborted) aborted();
  });
}

function isAttempts(reason: unknown): boolean {
  if (!isCaromError(reason) || reason.code !== 'CAROM_TIMEOUT') return false;
  return (reason as { readonly scope?: unknown }).scope === 'attempt';
}
