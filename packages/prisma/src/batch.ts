/** A batch is an array of operations in one transaction, played again by running the same array (the unit of retry). */
import type { Shot } from '@carom/core';
import {
  type AttemptLog,
  type ExecutionCallOptions,
  statementShot,
  transactionShot,
} from '@carom/postgres';
import { watchAbandonment } from './abandon.js';
import { apart } from './connections.js';
import type { Client } from './internals.js';
import { Items } from './items.js';
import type { Player } from './player.js';
import { knowingProgress } from './progress.js';
import { sendTraced } from './statement.js';
import { traceOf } from './wire.js';

/** What a `$transaction` with an array was called with. */
export interface Batch {
  /** The client as it was before Carom: its `$transaction` is what is played. */
  readonly parent: Client;
  /** The client that the caller has, which later extensions have made of it. */
  readonly client: Client;
  readonly operations: readonly object[];
  readonly options: unknown;
}

/** Plays the batch. */
export function playBatch(
  player: Player,
  { parent, client, operations, options }: Batch,
  call: ExecutionCallOptions | undefined,
): Promise<unknown> {
  let items = new Items(operations.length);
  const shared = { ...player.base, name: '$transaction', idempotent: call?.idempotent ?? false };
  const send = (log: AttemptLog): Promise<unknown> => {
    items = new Items(operations.length, log);
    return apart(() =>
      items.run(player.units, operations, (requests) =>
        parent.$transaction.call(client, requests, options),
      ),
    );
  };
  // Prisma runs a batch of one without BEGIN and COMMIT.
  const shot =
    operations.length === 1
      ? statementShot<unknown>({
          ...shared,
          intent: () => (items.onlyRead ? 'read' : 'write'),
          refusal: () => items.refusal,
          play: (attempt, log) => {
            watchAbandonment(attempt, log);
            log.phase = 'statement';
            return sendTraced(() => send(log), log);
          },
        })
      : transactionShot<unknown>({
          ...shared,
          get readOnly() {
            return items.onlyRead;
          },
          play: (attempt, log) => {
            watchAbandonment(attempt, log);
            // Where nobody sees whether COMMIT was sent, it may have been.
            log.phase = 'commit';
            log.send(undefined);
            return sendBatch(() => send(log), log);
          },
        });
  return player.play(
    knowingItems(shot, player.base.datasource, () => items),
    call,
  );
}

async function sendBatch<T>(send: () => Promise<T>, log: AttemptLog): Promise<T> {
  try {
    return await send();
  } catch (error) {
    const trace = traceOf(error);
    if (trace?.phase === 'begin') log.phase = 'begin';
    else if (trace?.inTransaction && trace.phase !== 'commit') {
      log.phase = 'statement';
      log.note(error);
    }
    throw error;
  }
}

/** The shot, with what only the query hook has seen of its operations. */
function knowingItems<T>(shot: Shot<T>, datasource: string, items: () => Items): Shot<T> {
  return {
    ...knowingProgress(shot, datasource, items),
    repeatable: () => shot.repeatable?.() === true || items().repeatable,
  };
}
