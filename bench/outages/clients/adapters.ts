/** The adapters of the outages, each with the client that plays what it is asked for. */
import type { Client, ClientSettings } from './client.js';
import { knexClient } from './knex.js';
import { pgClient } from './pg.js';
import { prismaClient } from './prisma.js';

export const adapters = ['pg', 'knex', 'prisma'] as const;
export type Adapter = (typeof adapters)[number];

export const makers: Readonly<Record<Adapter, (settings: ClientSettings) => Client>> = {
  pg: pgClient,
  knex: knexClient,
  prisma: prismaClient,
};
