/** A real Prisma client that is never connected. */
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../../prisma/generated/client.js';

/** With an adapter made of `settings`; by default it leads nowhere. */
export function newClient(
  settings: ConstructorParameters<typeof PrismaPg>[0] = 'postgres://me:secret@127.0.0.1:9/shop',
): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg(settings) });
}
