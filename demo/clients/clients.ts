/** The clients of a run: one of each library, all bare or all in Carom, behind one `play`. */
import { classify, outcomeOf } from '@carom/postgres';
import type { ServerConfig } from '@carom/testing';
import { handWrittenLoop } from '../load/hand-written-loop.js';
import { type Adapter, adapters, type Operation } from '../load/operation.js';
import type { StrategyName } from '../strategies.js';
import type { Judge } from '../tally/tally.js';
import type { ClientSettings, ShopClient } from './client.js';
import { knexClient } from './knex.js';
import { pgClient } from './pg.js';
import { prismaClient } from './prisma.js';

/** All clients of one strategy. */
export interface Clients {
  play(operation: Operation): Promise<void>;
  /** What an error of theirs says became of the write. */
  readonly judge: Judge;
  /** Closes them, as far as that can be done in time. */
  close(): Promise<void>;
}

const makers: Readonly<Record<Adapter, (settings: ClientSettings) => ShopClient>> = {
  pg: pgClient,
  knex: knexClient,
  prisma: prismaClient,
};

/** A bare client's error says nothing of the outcome. What a careful person would read from it: */
const careful: Judge = (error) => classify(error, { phase: 'statement' }).outcome;

/** Longer than this nobody waits for connections to say goodbye, in ms. */
const farewell = 3_000;

function inTime(work: Promise<unknown>): Promise<unknown> {
  const late = new Promise<void>((resolve) => {
    setTimeout(resolve, farewell).unref();
  });
  return Promise.race([work.catch(() => undefined), late]);
}

/** Makes the clients of `strategy`; `onRetry` is told of each repetition of the hand-written loop. */
export function makeClients(
  strategy: StrategyName,
  config: ServerConfig,
  onRetry: () => void,
): Clients {
  const isCarom = strategy === 'carom';
  // Carom's defaults, nothing tuned. The three clients share a circuit, since theirs is one datasource.
  const carom = isCarom ? {} : undefined;
  const clients = Object.fromEntries(
    adapters.map((adapter) => [adapter, makers[adapter]({ config, carom })]),
  ) as Record<Adapter, ShopClient>;
  const once = (operation: Operation): Promise<void> => clients[operation.adapter].play(operation);
  return {
    play:
      strategy === 'naive' ? (operation) => handWrittenLoop(() => once(operation), onRetry) : once,
    judge: isCarom ? outcomeOf : careful,
    close: async () => {
      await Promise.all(Object.values(clients).map((client) => inTime(client.close())));
    },
  };
}
