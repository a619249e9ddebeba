/** Taking a connection from the adapter's pool: at once where it may be asked, else after a turn in the waiting room. */
import { isCaromError } from '@carom/core';
import { acquire, isPoolBusy, type WaitingRoom } from '@carom/postgres';
import { carrying } from './carrier.js';
import type { Checkout, Client, Pool } from './driver.js';
import type { Session } from './session.js';

/** Takes one, for the attempt of a session or for somebody else. */
export type Take = (session: Session | undefined, answer: Checkout) => void;

/** @param room undefined where the client has no strategy. */
export function takeFrom(pool: Pool, room: WaitingRoom | undefined): Take {
  if (room === undefined) return (_session, answer) => pool.connect(answer);
  const { connectionTimeoutMillis: limit } = (pool.options ?? {}) as {
    readonly connectionTimeoutMillis?: number;
  };
  return (session, answer) => {
    const patience = session?.errand.settling.connectPatience;
    if (session !== undefined && patience !== undefined) {
      takeWithin(patience, { pool, room, session, limit }, answer);
    } else if (room.tryAsk()) ask(pool, room, session, answer);
    else waitFor({ pool, room, session, limit }, answer);
  };
}

interface Asker {
  readonly pool: Pool;
  readonly room: WaitingRoom;
  readonly session: Session | undefined;
  /** The pool's own, in ms. */
  readonly limit: number | undefined;
}

function ask(pool: Pool, room: WaitingRoom, session: Session | undefined, answer: Checkout): void {
  pool.connect((error, client, done) => {
    if (client === undefined) room.failed(error, session?.errand.log);
    else room.answered();
    answer(error, client, done);
  });
}

function waitFor(asker: Asker, answer: Checkout): void {
  const { pool, room, session, limit } = asker;
  const fail = (error: Error): void => answer(error, undefined, () => {});
  room.wait(
    {
      limit,
      come: () => ask(pool, room, session, answer),
      late: () => fail(poolsTimeout()),
      calledBack(reason) {
        session?.callBack(reason);
        fail(carrying(reason));
      },
    },
    session?.errand.log,
  );
}

/** Takes one for who waits no longer than `patience` ms. */
function takeWithin(
  patience: number,
  { pool, room, session, limit }: Asker & { readonly session: Session },
  answer: Checkout,
): void {
  const asked = acquire(
    {
      ...{ room, limit: patience, queueLimit: limit },
      ask: () => pool.connect(),
      askLate: () => Promise.reject(poolsTimeout()),
      isBusy: () => isPoolBusy(pool),
      giveBack: (late) => late.release(),
    },
    session.errand.log,
  );
  asked.then(
    (client) => answer(undefined, client, client.release),
    (error: Error) => {
      session.callBack(error);
      answer(isCaromError(error) ? carrying(error) : error, undefined, () => {});
    },
  );
}

/** As the pool itself says. */
const poolsTimeout = (): Error => new Error('timeout exceeded when trying to connect');

/** The same by promise. */
export function taking(take: Take, session: Session | undefined): Promise<Client> {
  return new Promise((resolve, reject) => {
    take(session, (error, client) => (client === undefined ? reject(error) : resolve(client)));
  });
}
