/** The barrier: «committed» counts once a commit that came after it is as durable as it was meant to be. */
import type { OwnClient } from './line.js';
import type { Look } from './settlement.js';
import { durabilities } from './ticket.js';
import { ask, type Notice, saysUnreplicated } from './wire.js';

const unreplicated = 'it is committed on the primary, and no standby has confirmed it';

/** Tells whether a wait for a standby was broken off while `work` ran. */
export async function confirmed(client: OwnClient, work: () => Promise<unknown>): Promise<boolean> {
  let brokenOff = false;
  const listen = (notice: Notice): void => {
    if (saysUnreplicated(notice)) brokenOff = true;
  };
  client.on('notice', listen);
  try {
    await work();
  } finally {
    client.off('notice', listen);
  }
  return !brokenOff;
}

/** What is committed and confirmed, or still waits for a standby. */
export function committedIf(isConfirmed: boolean): Look {
  return isConfirmed
    ? { outcome: 'committed', reason: 'the server says that it was committed' }
    : { pending: unreplicated };
}

/**
 * Commits something of its own under the same `synchronous_commit`. The log is replicated in order: when this commit is
 * confirmed, so is the one before it. Without it the answer could be lost together with the primary (measured).
 */
export async function barrier(client: OwnClient, durability: string): Promise<Look> {
  if (!durabilities.has(durability)) return { outcome: 'unknown', reason: 'a strange durability' };
  const isConfirmed = await confirmed(client, () =>
    ask(
      client,
      `BEGIN READ WRITE; SET LOCAL synchronous_commit = ${durability}; SELECT pg_catalog.pg_logical_emit_message(true, 'carom', ''); COMMIT`,
    ),
  );
  return committedIf(isConfirmed);
}
