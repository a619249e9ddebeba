/** The adapters of the proof, each with the client that plays its units of work. */
import type { Client, ClientSettings } from './clients/client.js';
import { knexClient } from './clients/knex.js';
import { pgClient } from './clients/pg.js';
import { prismaClient } from './clients/prisma.js';

export const adapters = ['pg', 'knex', 'prisma'] as const;
export type Adapter = (typeof adapters)[number];

export const makers: Readonly<Record<Adapter, (settings: ClientSettings) => Client>> = {
  pg: pgClient,
  knex: knexClient,
  prisma: prismaClient,
};
