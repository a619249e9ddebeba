/** Ready to commit: the ticket is there, and somebody still waits for the answer to COMMIT. */
import { CaromError } from '@carom/core';
import type { CommitGuard } from '../commit/guard.js';
import type { AttemptLog } from './attempt-log.js';

/**
 * Makes sure that COMMIT may be sent: right before it is.
 * @throws what asking for the ticket failed with; {CaromError} `CAROM_HANDLE_SETTLED` when nobody waits any more: what was not sent
 * stays unsent.
 */
export async function readyToCommit(
  guard: CommitGuard | undefined,
  log: AttemptLog,
): Promise<void> {
  refuseAbandoned(log);
  try {
    await guard?.prepare();
  } catch (error) {
    // It came from the connection, not from the caller's work.
    log.note(error);
    throw error;
  }
  refuseAbandoned(log);
}

function refuseAbandoned(log: AttemptLog): void {
  if (!log.abandoned) return;
  throw new CaromError('CAROM_HANDLE_SETTLED', 'nobody waits for this transaction any more');
}
