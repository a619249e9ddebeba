/** A line is a connection of the resolver's own, beside every pool: opened for a question, closed after it. */
import { type Clock, type Millis, systemClock } from '@carom/core';
import { hangUp, type WireClient } from './wire.js';

/** A client that was opened for Carom alone. */
export interface OwnClient extends WireClient {
  on(event: 'notice', listener: (notice: { readonly code?: string | undefined }) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  end(): Promise<unknown>;
}

/**
 * Opens a connection to the datasource that is not one of the pool's, with a listener for its errors from the start.
 * `begun` gets the client before it is connected, so that who waits no longer can hang up.
 */
export type Connect = (begun?: (client: OwnClient) => void) => Promise<OwnClient>;

/** The server did not answer in time. */
export const noAnswer: unique symbol = Symbol('no answer');

/** Waits for `work`, but no longer than `limit` ms. What becomes of it later is nobody's unhandled rejection. */
export async function within<T>(
  work: Promise<T>,
  limit: Millis,
  clock: Clock = systemClock,
): Promise<T | typeof noAnswer> {
  let ring: () => void = () => {};
  const rung = new Promise<typeof noAnswer>((resolve) => {
    ring = (): void => resolve(noAnswer);
  });
  const timer = clock.after(Math.max(limit, 0), ring);
  work.catch(() => {});
  try {
    return await Promise.race([work, rung]);
  } finally {
    timer.cancel();
  }
}

/**
 * Opens a line, asks, and closes it; gives `noAnswer` when all of it took longer than `limit` ms.
 * @throws what the connecting or the asking threw.
 */
export async function onLine<T>(
  connect: Connect,
  limit: Millis,
  clock: Clock,
  asking: (client: OwnClient) => Promise<T>,
): Promise<T | typeof noAnswer> {
  let late = false;
  let client: OwnClient | undefined;
  const work = (async (): Promise<T> => {
    client = await connect((begun) => {
      client = begun;
    });
    try {
      if (late) throw new Error('too late');
      return await asking(client);
    } finally {
      close(client);
    }
  })();
  const answer = await within(work, limit, clock);
  if (answer === noAnswer) {
    late = true;
    // Connected or not: a server that accepts and says nothing would keep it for ever.
    if (client !== undefined) hangUp(client);
  }
  return answer;
}

function close(client: OwnClient): void {
  client.end().catch(() => {});
}
