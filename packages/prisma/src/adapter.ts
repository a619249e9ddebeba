/** The adapter: what stands between Prisma and its driver, where COMMIT goes by that no extension sees. */
import { CaromError, processWide } from '@carom/core';
import type { Factory } from './driver.js';
import { isWatched, watchFactory } from './pool.js';

const adapters: WeakSet<object> = processWide('prisma-adapters', () => new WeakSet());
/** What they were made of; a client with one of these is one without `caromAdapter`. */
const inside: WeakSet<object> = processWide('prisma-adapters-inside', () => new WeakSet());

/** Whether `value` was made by `caromAdapter`. */
export function isCaromAdapter(value: unknown): value is Factory {
  return typeof value === 'object' && value !== null && adapters.has(value);
}

/**
 * Wraps a driver adapter, so that `caromStrategy` can settle a COMMIT whose answer was lost:
 * `new PrismaClient({ adapter: caromAdapter(new PrismaPg(config)) }).$extends(caromStrategy())`. It works with
 * `@prisma/adapter-pg`; another one works as before, its lost COMMITs stay unknown. The adapter and its types stay as they are.
 * @throws {CaromError} `CAROM_NOT_AN_ADAPTER`, `CAROM_NOT_POSTGRES`, or `CAROM_ALREADY_WRAPPED`.
 */
export function caromAdapter<F extends { connect(): Promise<unknown> }>(factory: F): F {
  const plain = checked(factory);
  const own: { connect?: Factory['connect'] } = {};
  const adapter = new Proxy(plain, {
    get(target, property) {
      if (property === 'connect') return own.connect;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  own.connect = watchFactory(adapter, () => plain.connect());
  adapters.add(adapter);
  inside.add(plain);
  return adapter as unknown as F;
}

function checked(given: unknown): Factory {
  const factory = given as Partial<Factory> | null | undefined;
  if (typeof factory?.connect !== 'function' || factory.provider === undefined) {
    throw new CaromError(
      'CAROM_NOT_AN_ADAPTER',
      'caromAdapter takes a driver adapter of Prisma: caromAdapter(new PrismaPg(…))',
    );
  }
  if (factory.provider !== 'postgres') {
    throw new CaromError(
      'CAROM_NOT_POSTGRES',
      `caromAdapter takes a driver adapter for Postgres, and this one is for ${String(factory.provider)}`,
    );
  }
  if (isCaromAdapter(factory) || inside.has(factory) || isWatched(factory)) {
    throw new CaromError(
      'CAROM_ALREADY_WRAPPED',
      'this adapter is wrapped or in use already: wrap it once, before a client is made with it',
    );
  }
  return factory as Factory;
}
