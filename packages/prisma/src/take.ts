/** Taking a connection from the adapter's pool: at once where it may be asked, else after a turn in the waiting room. */
import type { WaitingRoom } from '@carom/postgres';
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
    const log = session?.errand.log;
    const fail = (error: Error): void => answer(error, undefined, () => {});
    const ask = (): void =>
      pool.connect((error, client, done) => {
        if (client === undefined) room.failed(error, log);
        else room.answered();
        answer(error, client, done);
      });
    if (room.tryAsk()) return ask();
    room.wait({
      limit,
      come: ask,
      // As the pool itself says.
      late: () => fail(new Error('timeout exceeded when trying to connect')),
      calledBack(reason) {
        session?.callBack(reason);
        fail(reason);
      },
    });
  };
}

/** The same by promise. */
export function taking(take: Take, session: Session | undefined): Promise<Client> {
  return new Promise((resolve, reject) => {
    take(session, (error, client) => (client === undefined ? reject(error) : resolve(client)));
  });
}
