/** The clients that are played: each adapter, and a control without Carom. */
import { byHandClient } from './by-hand.js';
import type { Client, ClientSettings } from './client.js';
import { knexClient } from './knex.js';
import { pgClient } from './pg.js';
import { prismaClient } from './prisma.js';

export const clientNames = ['pg', 'knex', 'prisma', 'by hand'] as const;

export type ClientName = (typeof clientNames)[number];

/** What is only there to be found out. */
export const isControl = (name: ClientName): boolean => name === 'by hand';

export const makers: Readonly<Record<ClientName, (settings: ClientSettings) => Client>> = {
  pg: pgClient,
  knex: knexClient,
  prisma: prismaClient,
  'by hand': byHandClient,
};
