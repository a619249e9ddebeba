/** Transactions through Prisma, with raw statements: the models have no operation that appends to a list it may have to make. */
import { outcomeOf } from '@carom/postgres';
import { caromAdapter, caromStrategy } from '@carom/prisma';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../../../prisma/generated/client.js';
import {
  type Client,
  type ClientSettings,
  caromOptions,
  connectWithin,
  poolSize,
} from './client.js';
import { told } from './told.js';

const names = {
  'read committed': 'ReadCommitted',
  'repeatable read': 'RepeatableRead',
  serializable: 'Serializable',
} as const;

/** Makes the client. */
export function prismaClient(settings: ClientSettings): Client {
  const adapter = caromAdapter(
    new PrismaPg({
      ...settings.config,
      max: poolSize,
      connectionTimeoutMillis: connectWithin,
    }),
  );
  const prisma = new PrismaClient({
    adapter,
    transactionOptions: { maxWait: connectWithin, timeout: 10_000 },
  }).$extends(caromStrategy(caromOptions(settings)));
  return {
    transaction: (level, work) =>
      prisma.$transaction((tx) => work((sql, values = []) => tx.$queryRawUnsafe(sql, ...values)), {
        isolationLevel: names[level],
      }),
    told: (error) => told(outcomeOf(error)),
    close: () => prisma.$disconnect(),
  };
}
