/** The wire watch on adapters that do not look as expected: nothing is claimed. On real ones: test/prisma/. */
import { describe, expect, test } from '@jest/globals';
import type { Adapter, Client, Pool, Queryable, Statement } from '../src/driver.js';
import { traceOf, watchAdapter } from '../src/wire.js';

const lost = (): Error => new Error('Connection terminated unexpectedly');

class OddAdapter implements Adapter {
  client: unknown;
  async queryRaw(_: Statement): Promise<unknown> {
    throw lost();
  }
  async executeRaw(statement: Statement): Promise<unknown> {
    return this.queryRaw(statement);
  }
  async startTransaction(): Promise<Queryable> {
    return new OddAdapter();
  }
}

const pool = (answer: (callback: (error: unknown, client?: Client) => void) => void): Pool =>
  ({ idleCount: 0, connect: answer, on: () => undefined }) as unknown as Pool;

async function traceOfFailed(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (it: unknown) => it,
  );
  expect(error).toBeInstanceOf(Error);
  return traceOf(error);
}

const statement = { sql: 'INSERT' };

describe('a statement by itself', () => {
  test('of an adapter without a pool', async () => {
    const adapter = new OddAdapter();
    watchAdapter(adapter, undefined);
    expect(await traceOfFailed(adapter.queryRaw(statement))).toBeUndefined();
  });

  test('of an adapter that keeps its pool elsewhere', async () => {
    const adapter = new OddAdapter();
    const its = pool(() => undefined);
    watchAdapter(adapter, its);
    expect(adapter.client).toBeUndefined();
    expect(await traceOfFailed(adapter.executeRaw(statement))).toBeUndefined();
  });

  test('of an adapter that asks its pool later than in the same turn', async () => {
    class LateAdapter extends OddAdapter {
      override async queryRaw(_: Statement): Promise<unknown> {
        await Promise.resolve();
        return new Promise((_, fail) => {
          (this.client as Pool).connect((error) => fail(error));
        });
      }
    }
    const adapter = new LateAdapter();
    const its = pool((callback) => callback(lost()));
    adapter.client = its;
    watchAdapter(adapter, its);
    expect(await traceOfFailed(adapter.queryRaw(statement))).toBeUndefined();
  });

  test('of an adapter that was seen to ask its pool, and got no connection', async () => {
    class PromptAdapter extends OddAdapter {
      override async queryRaw(_: Statement): Promise<unknown> {
        return new Promise((_, fail) => {
          (this.client as Pool).connect((error) => fail(error));
        });
      }
    }
    const adapter = new PromptAdapter();
    const its = pool((callback) => callback(lost()));
    adapter.client = its;
    watchAdapter(adapter, its);
    expect(await traceOfFailed(adapter.queryRaw(statement))).toMatchObject({ phase: 'acquire' });
  });
});

test.each([
  ['INSERT', 'statement'],
  ['COMMIT', 'commit'],
  ['ROLLBACK', 'rollback'],
  ['ROLLBACK TO SAVEPOINT prisma_sp_0', 'statement'],
])('%s in a transaction failed in the phase %s', async (sql, phase) => {
  const adapter = new OddAdapter();
  watchAdapter(adapter, undefined);
  const transaction = await adapter.startTransaction();
  const trace = await traceOfFailed(transaction.executeRaw({ sql }));
  expect(trace).toMatchObject({ phase, inTransaction: true });
});

test('a transaction that could not begin sent nothing', async () => {
  class FullAdapter extends OddAdapter {
    override async startTransaction(): Promise<Queryable> {
      throw lost();
    }
  }
  const adapter = new FullAdapter();
  watchAdapter(adapter, undefined);
  expect(await traceOfFailed(adapter.startTransaction())).toMatchObject({ phase: 'begin' });
});

test('one error that ends COMMIT and another statement counts as that of COMMIT', async () => {
  const error = lost();
  class OneErrorAdapter extends OddAdapter {
    override async queryRaw(_: Statement): Promise<unknown> {
      throw error;
    }
    override async startTransaction(): Promise<Queryable> {
      return new OneErrorAdapter();
    }
  }
  const adapter = new OneErrorAdapter();
  watchAdapter(adapter, undefined);
  const transaction = await adapter.startTransaction();
  await traceOfFailed(transaction.executeRaw({ sql: 'COMMIT' }));
  expect(await traceOfFailed(transaction.queryRaw(statement))).toMatchObject({ phase: 'commit' });
});

test('what nobody watched, and what is no error, has no trace', () => {
  for (const value of [undefined, null, 7, 'error', {}, { meta: null }, { meta: {} }]) {
    expect(traceOf(value)).toBeUndefined();
  }
});
