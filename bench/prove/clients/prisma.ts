/** The units of work on Prisma: a model's call, transactions as callback and as batch, and a nested write. */
import { caromAdapter, caromStrategy } from '@carom/prisma';
import { PrismaPg } from '@prisma/adapter-pg';
import { survivingPool } from '../../../demo/clients/surviving-pool.js';
import { PrismaClient } from '../../../prisma/generated/client.js';
import { unhurried } from '../strategies.js';
import { type Client, type ClientSettings, connectTimeout, poolSize } from './client.js';

/** In ms. Prisma's own bound of a transaction would end what is held while the server suffers. */
const transactionOptions = { maxWait: connectTimeout, timeout: 60_000 };

export function prismaClient({ config, carom }: ClientSettings): Client {
  const settings = { ...config, max: poolSize, connectionTimeoutMillis: connectTimeout };
  const adapter =
    carom === undefined
      ? new PrismaPg(survivingPool(settings))
      : caromAdapter(new PrismaPg(settings));
  const bare = new PrismaClient({ adapter, transactionOptions });
  const wrapped = carom === undefined ? undefined : bare.$extends(caromStrategy(carom));
  const calm = wrapped?.$carom(unhurried);
  return {
    async write(unit, ids, patient) {
      // An extended client has all that the bare one has but `$on`, which nobody here asks for.
      const db = ((patient ? calm : wrapped) ?? bare) as unknown as PrismaClient;
      const [first = '', ...others] = ids;
      switch (unit) {
        case 'autocommit':
          return await db.mark.create({ data: { mark: first } });
        case 'transaction':
          return await db.$transaction(async (tx) => {
            for (const mark of ids) await tx.mark.create({ data: { mark } });
          });
        case 'batch':
          return await db.$transaction(ids.map((mark) => db.mark.create({ data: { mark } })));
        case 'nested write':
          return await db.mark.create({
            data: { mark: first, tags: { create: others.map((tag) => ({ tag })) } },
          });
      }
    },
    close: () => bare.$disconnect(),
  };
}
