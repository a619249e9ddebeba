/** The extension at set-up: one clear sentence for each thing that cannot work. */
import { InvalidOptionError } from '@carom/core';
import { caromStrategy, createStrategy, isCaromError } from '@carom/prisma';
import { describe, expect, test } from '@jest/globals';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from '../../../prisma/generated/client.js';
import { newClient } from './client.js';

const caught = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};

describe('wrong options are named when the strategy is made', () => {
  test.each([
    [{ retires: 5 }, /unknown option `retires` \(given 5\); allowed: .*retries/],
    [{ retries: 'many' }, /option `retries` is "many"; allowed: a whole number from 0/],
    [{ datasource: '' }, /option `datasource` is ""; allowed: a string that is not empty/],
    [{ cushion: { ratio: 2 } }, /option `cushion.ratio` is 2; allowed/],
    [{ idempotent: true }, /unknown option `idempotent`/],
    [7, /option `options` is 7; allowed: a plain object/],
    [newClient(), /unknown option/],
  ])('%#', (options, message) => {
    const error = caught(() => caromStrategy(options as never));
    expect(error).toBeInstanceOf(InvalidOptionError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });
});

describe('what cannot be extended is told at $extends', () => {
  test('a client that is extended already, whatever came between', () => {
    const message = expect.stringMatching(/extended by caromStrategy\(\) already/);
    const once = newClient().$extends(caromStrategy());
    for (const client of [once, once.$extends({ model: {} }), once.$carom({ retries: 1 })]) {
      const error = caught(() => client.$extends(caromStrategy()));
      expect(isCaromError(error)).toBe(true);
      expect(error).toMatchObject({ code: 'CAROM_ALREADY_WRAPPED', message });
    }
  });

  test('what is no client', () => {
    for (const value of [undefined, null, 7, {}, { $extends: 1 }]) {
      expect(caught(() => caromStrategy()(value))).toMatchObject({ code: 'CAROM_NOT_A_CLIENT' });
    }
  });

  test('a client without a Postgres adapter', () => {
    const accelerateUrl = 'prisma://accelerate.invalid/?api_key=none';
    const error = caught(() => new PrismaClient({ accelerateUrl }).$extends(caromStrategy()));
    expect(error).toMatchObject({
      code: 'CAROM_NOT_POSTGRES',
      message:
        'caromStrategy() needs a Prisma client with a Postgres driver adapter, and this one connects by accelerateUrl',
    });
  });
});

test('patience that nobody could keep is refused by name, for a client and for a call', () => {
  const adapter = new PrismaPg('postgres://me:secret@127.0.0.1:9/shop');
  Object.assign(adapter, { adapterName: '@prisma/adapter-neon' });
  const client = new PrismaClient({ adapter });
  const refusals = [
    () => client.$extends(caromStrategy({ connectPatience: 100 })),
    () => client.$extends(caromStrategy()).$carom({ connectPatience: 100 }),
  ].map(caught);
  const message = 'option `connectPatience` is 100; allowed: only with @prisma/adapter-pg';
  expect(refusals).toEqual([
    expect.objectContaining({ message }),
    expect.objectContaining({ message }),
  ]);
});

test('one extension serves several clients, and a strategy is taken as well as options', () => {
  const extension = caromStrategy(createStrategy({ retries: 1 }));
  for (const client of [newClient(), newClient()]) {
    expect(typeof client.$extends(extension).$carom).toBe('function');
  }
});

test('the client that is extended stays as it was', () => {
  const client = newClient();
  client.$extends(caromStrategy());
  expect((client as { $carom?: unknown }).$carom).toBeUndefined();
});
