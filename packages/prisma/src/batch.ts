/** A batch is an array of operations in one transaction, played again by running the same array (the unit of retry). */
import type { Attempt, Shot } from '@carom/core';
import {
  type AttemptLog,
  type ExecutionCallOptions,
  hookedStatementShot,
  transactionShot,
} from '@carom/postgres';
import type { Client } from './internals.js';
import { Items } from './items.js';
import type { Player } from './player.js';
import { knowingProgress } from './progress.js';
import { sendTraced, sendUnit } from './sending.js';
import { apart, type Errand, Session } from './session.js';
import type { Settling } from './settling.js';

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
  batch: Batch,
  call: ExecutionCallOptions | undefined,
): Promise<unknown> {
  const { length } = batch.operations;
  const settling = player.settling(call);
  const count = player.countdown(call);
  let items = new Items(length);
  const shared = { base: player.baseOf(call), name: '$transaction' };
  const play = (attempt: Attempt, log: AttemptLog): [() => PromiseLike<unknown>, Session] => {
    const mine = new Items(length, log);
    items = mine;
    const session = openSession(settling, count(), mine, attempt, log);
    return [() => apart(() => send(player, batch, mine, session)), session];
  };
  // Prisma runs a batch of one without BEGIN and COMMIT.
  const shot =
    length === 1 && !settling.exactlyOnce
      ? hookedStatementShot<unknown>({
          ...shared,
          intent: () => (items.onlyRead ? 'read' : 'write'),
          refusal: () => items.refusal,
          play: (attempt, log) => {
            const [sending, session] = play(attempt, log);
            log.phase = 'statement';
            return sendTraced(sending, log, session);
          },
        })
      : transactionShot<unknown>({
          ...shared,
          get readOnly() {
            return items.onlyRead;
          },
          // In a scope: hooks before Carom's run once per attempt too.
          play: (attempt, log, inside) => {
            const [sending, session] = play(attempt, log);
            return inside(() => sendUnit(sending, log, session));
          },
        });
  return player.play(
    knowingItems(shot, player.base.datasource, () => items),
    call,
  );
}

function openSession(
  settling: Settling,
  left: Errand['left'],
  items: Items,
  attempt: Attempt,
  log: AttemptLog,
): Session {
  const errand = {
    ...{ settling, log, left },
    onlyRead: () => items.onlyRead,
    once: () => settling.exactlyOnce && items.isSingleWrite,
  };
  return new Session(errand, attempt);
}

async function send(
  player: Player,
  { parent, client, operations, options }: Batch,
  items: Items,
  session: Session,
): Promise<unknown> {
  return await items.run(player, session, operations, (requests) =>
    parent.$transaction.call(client, requests, options),
  );
}

/** The shot, with what only the query hook has seen of its operations. */
function knowingItems<T>(shot: Shot<T>, datasource: string, items: () => Items): Shot<T> {
  return {
    ...knowingProgress(shot, datasource, items),
    repeatable: () => shot.repeatable?.() === true || items().repeatable,
  };
}
