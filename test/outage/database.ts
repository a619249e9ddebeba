/** A simulated Postgres for a test, and clients that talk to it. */
import type { EventEmitter } from 'node:events';
import { seededRandom } from '@carom/core/testing';
import { clientOf } from '../../bench/outage/database/client.js';
import { Database } from '../../bench/outage/database/database.js';
import { VirtualClock } from '../../bench/outage/virtual-clock.js';

export type Client = EventEmitter & {
  readonly connection: { readonly stream: { destroy(): void } };
  connect(): Promise<unknown>;
  end(): Promise<unknown>;
  query(text: string, values?: readonly unknown[]): Promise<{ command: string }>;
};

export interface Heard {
  readonly code?: string;
  readonly command?: string;
}

export function world(seed = 1) {
  const clock = new VirtualClock(setImmediate);
  const database = new Database(clock, seededRandom(seed));
  const Client = clientOf(database, () => {}) as new () => Client;
  const connect = async (): Promise<Client> => {
    const client = new Client();
    client.on('error', () => {});
    const connected = client.connect();
    await clock.run(clock.now() + 10);
    await connected;
    return client;
  };
  /** Sends all of it, one after the other, and notes how it ends. */
  const send = (client: Client, ...texts: readonly (readonly [string, ...unknown[]])[]) => {
    const heard: Heard = {};
    const work = async (): Promise<void> => {
      for (const [text, ...values] of texts) {
        Object.assign(heard, { command: (await client.query(text, values)).command });
      }
    };
    work().catch((error: unknown) => Object.assign(heard, { code: (error as Heard).code }));
    return heard;
  };
  const pass = (time: number): Promise<void> => clock.run(clock.now() + time);
  return { Client, clock, database, connect, send, pass };
}
