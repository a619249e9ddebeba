/** No adapter: the error for a promise that only a guard around COMMIT keeps, and how to get one. */
import { CaromError } from '@carom/core';

/** How to get one. */
export const fix: string =
  'make the client with new PrismaClient({ adapter: caromAdapter(new PrismaPg(…)) }), caromAdapter from @carom/prisma';

/** The error of a promise that could not be kept. */
export function cannotGuard(lacking: string): CaromError {
  return new CaromError(
    'CAROM_NO_ADAPTER',
    `exactlyOnce and commit: 'fence' need a guard around COMMIT, and ${lacking}: ${fix}`,
  );
}
