/** The adapter at set-up: what it keeps, what it refuses, and what a client without it is told. */
import { caromAdapter, caromStrategy, resolveOutcome } from '@carom/prisma';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../../prisma/generated/client.js';
import { newClient } from './client.js';

const settings = { host: '127.0.0.1', port: 9, database: 'shop' };

const caught = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};

/** An adapter for another driver. */
const other = (provider = 'postgres') => ({
  provider,
  adapterName: '@prisma/adapter-neon',
  connect: async () => ({}),
});

const withAdapter = (adapter: unknown): PrismaClient =>
  new PrismaClient({ adapter: adapter as PrismaPg });

describe('caromAdapter', () => {
  test('is the same adapter, of the same class', () => {
    const plain = new PrismaPg(settings);
    const adapter = caromAdapter(plain);
    expect(adapter).toBeInstanceOf(PrismaPg);
    expect(Object.keys(adapter)).toEqual(Object.keys(plain));
    expect(adapter.adapterName).toBe('@prisma/adapter-pg');
    expect(typeof adapter.connectToShadowDb).toBe('function');
  });

  test.each([undefined, null, 7, {}, { connect: 1 }, { connect: () => 1 }, newClient()])(
    'refuses what is no adapter: %#',
    (value) => {
      expect(caught(() => caromAdapter(value as never))).toMatchObject({
        code: 'CAROM_NOT_AN_ADAPTER',
      });
    },
  );

  test('refuses one for another database', () => {
    expect(caught(() => caromAdapter(other('mysql')))).toMatchObject({
      code: 'CAROM_NOT_POSTGRES',
      message: 'caromAdapter takes a driver adapter for Postgres, and this one is for mysql',
    });
  });

  test('refuses one that is wrapped, or whose client is extended already', () => {
    const plain = new PrismaPg(settings);
    const adapter = caromAdapter(plain);
    const used = new PrismaPg(settings);
    withAdapter(used).$extends(caromStrategy({ commit: 'none' }));
    for (const it of [adapter, plain, used])
      expect(caught(() => caromAdapter(it))).toMatchObject({ code: 'CAROM_ALREADY_WRAPPED' });
  });
});

describe('without it', () => {
  const warnings: unknown[][] = [];
  beforeEach(() => {
    warnings.length = 0;
    jest.spyOn(process, 'emitWarning').mockImplementation((...args) => void warnings.push(args));
  });
  afterEach(() => void jest.restoreAllMocks());

  test('one warning says what is lost and how to get it, but not to who chose so', () => {
    newClient().$extends(caromStrategy({ commit: 'none' }));
    withAdapter(caromAdapter(new PrismaPg(settings))).$extends(caromStrategy());
    withAdapter(caromAdapter(other())).$extends(caromStrategy());
    expect(warnings).toEqual([]);
    newClient().$extends(caromStrategy());
    newClient().$extends(caromStrategy());
    expect(warnings).toEqual([
      [expect.stringContaining('caromAdapter(new PrismaPg(…))'), { code: 'CAROM_NO_ADAPTER' }],
    ]);
  });

  const asking = [{ exactlyOnce: true }, { commit: 'fence' }] as const;
  test.each(asking)('%j is refused, with the fix', (options) => {
    const refusal = {
      code: 'CAROM_NO_ADAPTER',
      message: expect.stringContaining('caromAdapter(new PrismaPg(…))'),
    };
    expect(caught(() => newClient().$extends(caromStrategy(options)))).toMatchObject(refusal);
    const db = newClient().$extends(caromStrategy());
    expect(caught(() => db.$carom(options))).toMatchObject(refusal);
    expect(caught(() => db.$carom({ retries: 1 }).$carom(options))).toMatchObject(refusal);
    const neon = withAdapter(caromAdapter(other()));
    expect(caught(() => neon.$extends(caromStrategy(options)))).toMatchObject({
      code: 'CAROM_NO_ADAPTER',
      message: expect.stringContaining('@prisma/adapter-neon'),
    });
  });
});

test('an outcome is asked of a client or an adapter of pg, and of nothing else', async () => {
  for (const value of [{}, other(), withAdapter(other())]) {
    await expect(resolveOutcome('{}', value)).rejects.toMatchObject({
      code: 'CAROM_NOT_AN_ADAPTER',
    });
  }
  for (const value of [newClient(), new PrismaPg(settings)]) {
    await expect(resolveOutcome('{}', value)).rejects.toMatchObject({
      code: 'CAROM_INVALID_TICKET',
    });
  }
});
