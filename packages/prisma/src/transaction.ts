/** A transaction callback, played as a whole and played again as a whole (the unit of retry). */
import type { Attempt } from '@carom/core';
import { type AttemptLog, type ExecutionCallOptions, transactionShot } from '@carom/postgres';
import { Handle, type TransactionClient } from './handle.js';
import { type Client, transactionIdOf } from './internals.js';
import type { Player } from './player.js';
import { apart, type Errand, Session } from './session.js';
import type { Settling } from './settling.js';

/** What a `$transaction` with a callback was called with. */
export interface Interactive {
  /** The client as it was before Carom: its `$transaction` is what is played. */
  readonly parent: Client;
  /** The client that the caller has, which later extensions have made of it. */
  readonly client: Client;
  readonly callback: (client: TransactionClient) => unknown;
  /** `timeout`, `maxWait` and `isolationLevel` are Prisma's own. */
  readonly options: unknown;
}

/** Plays the transaction. */
export function playTransaction(
  player: Player,
  transaction: Interactive,
  call: ExecutionCallOptions | undefined,
): Promise<unknown> {
  const settling = player.settling(call);
  const count = player.countdown(call);
  const shot = transactionShot<unknown>({
    base: player.baseOf(call),
    name: '$transaction',
    readOnly: false,
    callback: transaction.callback,
    play: (attempt, log, inside) =>
      playAttempt(player, transaction, settling, count(), attempt, log, inside),
  });
  return player.play(shot, call);
}

async function playAttempt(
  player: Player,
  { parent, client, callback, options }: Interactive,
  settling: Settling,
  left: Errand['left'],
  attempt: Attempt,
  log: AttemptLog,
  inside: <R>(callback: () => R) => R,
): Promise<unknown> {
  let id: string | undefined;
  let returned = false;
  const onlyRead = (): boolean => log.readOnly;
  const errand = { settling, log, left, onlyRead, ends: () => returned };
  const session = new Session(errand, attempt);
  const played = async (handleClient: TransactionClient): Promise<unknown> => {
    if (log.abandoned) throw attempt.signal.reason;
    const handle = new Handle(log);
    id = transactionIdOf(handleClient);
    if (id !== undefined) player.units.set(id, handle);
    log.phase = 'statement';
    const value = await inside(() => callback(handleClient));
    await handle.check(handleClient);
    // Nobody waits any more, and the answer would reach nobody: thrown here, it makes Prisma roll back.
    if (log.abandoned) throw attempt.signal.reason;
    handle.close();
    returned = true;
    // Where nobody sees when COMMIT is sent, it may be from now on.
    if (!session.inTransaction) log.phase = 'commit';
    return value;
  };
  log.phase = 'begin';
  try {
    return await session.run(() =>
      // On the caller's client, not on the parent: its hooks, Carom's among them, work inside too.
      parent.$transaction.call(
        client,
        (handleClient: TransactionClient) => apart(() => played(handleClient)),
        options,
      ),
    );
  } catch (error) {
    throw session.own(error);
  } finally {
    if (id !== undefined) player.units.delete(id);
  }
}
