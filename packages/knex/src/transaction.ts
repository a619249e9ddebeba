/** A transaction of Knex, played again as a whole (the unit of retry), or begun for a caller who ends it by hand. */
import type { Attempt } from '@carom/core';
import {
  type AttemptLog,
  type Countdown,
  type GuardRules,
  SilentRollbackError,
  type Vigil,
  type WaitingRoom,
} from '@carom/postgres';
import { Handle } from './handle.js';
import type {
  Container,
  Context,
  KnexClient,
  KnexTransaction,
  TransactionConfig,
  Transactor,
} from './internals.js';
import { Session } from './session.js';

/** What one attempt plays. */
export interface Play {
  /** Knex's own context: its `transaction` is the real one. */
  readonly context: Context;
  readonly client: KnexClient;
  /** How long an attempt waits for a connection, in ms; undefined leaves it to Knex. */
  readonly connectPatience: number | undefined;
  readonly vigil: Vigil | undefined;
  /** Where a connection is waited for. */
  readonly room: WaitingRoom;
  readonly config: TransactionConfig | undefined;
  readonly count: Countdown;
  /** How a lost COMMIT is settled; undefined where there is nothing to settle. */
  readonly guarding: GuardRules | undefined;
}

/** Plays one attempt with a fresh `trx`. */
export async function playTransaction(
  play: Play,
  container: Container,
  attempt: Attempt,
  log: AttemptLog,
  inside: <R>(callback: () => R) => R,
): Promise<unknown> {
  const handle = new Handle(log, play.guarding, play.count());
  try {
    const value = await start(play, attempt, log, handle, (trx) => inside(() => container(trx)));
    handle.close();
    return value;
  } catch (error) {
    handle.close(error);
    throw error;
  }
}

/**
 * Begins a transaction for a caller who commits it by hand. From then on it is the caller's; but a COMMIT
 * that failed is an error of `trx.commit()`, where plain Knex reports success, and `judge` says which.
 */
export function beginByHand(
  play: Play,
  attempt: Attempt,
  log: AttemptLog,
  judge: (error: unknown) => unknown,
): Promise<Transactor> {
  return new Promise((resolve, reject) => {
    const handle = new Handle(log, play.guarding);
    const transaction = start(play, attempt, log, handle, (trx) => {
      guardCommit(trx, handle, log, judge);
      resolve(trx);
    });
    transaction.then(
      () => handle.close(),
      (error: unknown) => {
        handle.close(error);
        reject(error as Error);
      },
    );
  });
}

function guardCommit(
  trx: Transactor,
  handle: Handle,
  log: AttemptLog,
  judge: (error: unknown) => unknown,
): void {
  const handed = trx as Transactor & { commit(value?: unknown): Promise<unknown> };
  const { commit } = handed;
  handed.commit = async (value) => {
    const answer = await commit(value);
    if (handle.commitError !== undefined) throw judge(handle.commitError);
    if (handle.commitTag === 'ROLLBACK') throw judge(new SilentRollbackError(log.firstSeen));
    return answer;
  };
}

/** Has Knex make the transaction, on a connection that the attempt's own session holds. */
function start(
  { context, client, config, connectPatience, vigil, room }: Play,
  attempt: Attempt,
  log: AttemptLog,
  handle: Handle,
  container: Container,
): KnexTransaction {
  const acquireConnection: KnexClient['acquireConnection'] = async () => {
    const session = await Session.open({ client, connectPatience, vigil, room }, attempt, log);
    handle.attach(session);
    return session.connection;
  };
  // The session gives it back: only the end of the attempt tells whether it is still good.
  const releaseConnection: KnexClient['releaseConnection'] = async () => {};
  const own = { acquireConnection, releaseConnection };
  const lent = new Proxy(client, {
    get: (target, property, receiver) =>
      Reflect.get(Object.hasOwn(own, property) ? own : target, property, receiver),
  });
  const mine: Context = Object.create(context, { client: { value: lent } });
  const transaction = context.transaction.call(
    mine,
    // Knex calls back even when BEGIN failed.
    (trx) => (handle.begun && !log.abandoned ? container(trx) : undefined),
    config,
  ) as KnexTransaction;
  handle.steer(transaction);
  if (attempt.abandonable) {
    const onAbort = (): void => {
      // A COMMIT on its way is settled by asking, and the transaction ends with the answer.
      if (log.phase !== 'commit' || log.guard === undefined) handle.poison(attempt.signal.reason);
    };
    attempt.signal.addEventListener('abort', onAbort, { once: true });
  }
  return transaction;
}
