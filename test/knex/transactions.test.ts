import { explain, OutcomeUnknownError, outcomeOf, SilentRollbackError } from '@carom/knex';
import { describe, expect, test } from '@jest/globals';
import type { Knex } from 'knex';
import { createWorld, failure, heldLock, poolIsFree, settled, turnsUntil } from './world.js';

const world = createWorld();
const insert = { matches: /^insert/i };
const update = { matches: /^update/i };

describe('a transaction with a callback', () => {
  test('is played again as a whole, on a fresh trx, when its connection is lost', async () => {
    const { db } = world.open();
    const handles = new Set<Knex.Transaction>();
    const result = await db.transaction(async (trx) => {
      handles.add(trx);
      await trx('items').insert({ id: 6_000 });
      if (handles.size === 1) world.proxy.inject({ kind: 'cut', when: 'before', at: update });
      await trx('items').where({ id: 1 }).update({ v: 7 });
      return 'done';
    });
    expect([result, handles.size]).toEqual(['done', 2]);
    expect(await world.items(6_000)).toEqual([6_000]);
  });

  test('a backend killed between two statements: the first error is known, and the whole played again', async () => {
    const codes: unknown[] = [];
    const { db } = world.open({ onRetry: ({ verdict }) => void codes.push(verdict.kind) });
    let calls = 0;
    await db.transaction(async (trx) => {
      calls += 1;
      const { rows } = await trx.raw('SELECT pg_backend_pid() AS pid');
      if (calls === 1) await world.cluster.primary.killBackend(rows[0].pid);
      await trx('items').insert({ id: 6_001 });
    });
    expect([calls, codes]).toEqual([2, ['outage']]);
    expect(await world.items(6_001)).toEqual([6_001]);
  });

  test('no statement in it is played again alone', async () => {
    const { db } = world.open();
    let calls = 0;
    const before = world.proxy.seen;
    await db.transaction(async (trx) => {
      calls += 1;
      if (calls === 1) world.proxy.inject({ kind: 'cut', when: 'before', at: insert });
      const attempt = await settled(trx('items').insert({ id: 6_002 }).then());
      if (attempt.error !== undefined) throw attempt.error;
    });
    const { begins, queries } = world.proxy.seen;
    // BEGIN, insert; BEGIN, insert, COMMIT. Each connection is new: its BEGIN has the reading of the server before it.
    expect([calls, begins - before.begins]).toEqual([2, 4]);
    // Four for each reading and BEGIN, two inserts, what rides behind them, COMMIT, and Knex's own version check.
    expect(queries - before.queries).toBeLessThanOrEqual(14);
  });

  test('a serialization failure', async () => {
    const { db } = world.open();
    let calls = 0;
    await db.transaction(
      async (trx) => {
        calls += 1;
        await trx('items').where({ id: 3 }).first();
        if (calls === 1) await world.ask('UPDATE items SET v = v + 1 WHERE id = 3');
        await trx('items').where({ id: 3 }).increment('v', 1);
      },
      { isolationLevel: 'repeatable read' },
    );
    expect(calls).toBe(2);
    expect(await world.ask('SELECT v FROM items WHERE id = 3')).toEqual([{ v: 2 }]);
  });

  test.each(['before', 'after-answer'] as const)(
    'COMMIT cut %s, and nobody may ask: unknown, not played again',
    async (when) => {
      const { db, pool } = world.open({ commit: 'none' });
      let calls = 0;
      const fault = world.proxy.inject({ kind: 'cut', when, at: 'COMMIT' });
      const error = await failure(
        db.transaction(async (trx) => {
          calls += 1;
          await trx('items').insert({ id: 6_003 });
        }),
      );
      await fault.settled;
      expect(error).toBeInstanceOf(OutcomeUnknownError);
      expect(error).toMatchObject({ phase: 'commit' });
      expect((error.cause as Error).message).toMatch(/^COMMIT; - /);
      expect(calls).toBe(1);
      expect(await world.items(6_003)).toEqual(when === 'before' ? [] : [6_003]);
      await poolIsFree(pool);
    },
  );

  test('BEGIN lost: the callback, which plain Knex would call even then, is called once', async () => {
    const { db } = world.open();
    await db('items').first();
    world.proxy.inject({ kind: 'cut', when: 'before', at: 'BEGIN' });
    let calls = 0;
    await db.transaction(async (trx) => {
      calls += 1;
      await trx('items').insert({ id: 6_004 });
    });
    expect(calls).toBe(1);
  });

  test('a callback of its own error: called once, undone, and the error is the very object', async () => {
    const { db } = world.open();
    const mine = new TypeError('mine');
    let calls = 0;
    const error = await failure(
      db.transaction(async (trx) => {
        calls += 1;
        await trx('items').insert({ id: 6_005 });
        throw mine;
      }),
    );
    expect(error).toBe(mine);
    expect([calls, outcomeOf(error)]).toEqual([1, 'rolled-back']);
    expect(await world.items(6_005)).toEqual([]);
  });

  test('a callback that throws before its first promise', async () => {
    const { db, pool } = world.open();
    const mine = new Error('mine');
    const work = db.transaction((): Promise<void> => {
      throw mine;
    });
    expect(await failure(work)).toBe(mine);
    await poolIsFree(pool);
  });

  test('a ROLLBACK that fails does not hide why there was one', async () => {
    const { db, pool } = world.open();
    const mine = new Error('mine');
    let calls = 0;
    const fault = world.proxy.inject({ kind: 'cut', when: 'before', at: 'ROLLBACK' });
    const error = await failure(
      db.transaction(async (trx) => {
        calls += 1;
        await trx('items').insert({ id: 6_006 });
        throw mine;
      }),
    );
    expect(error).toBe(mine);
    expect([calls, fault.count, outcomeOf(error)]).toEqual([1, 1, 'rolled-back']);
    await poolIsFree(pool);
    await db('items').first();
  });

  test('nor does it behind a lost connection, when all retries are used up', async () => {
    const told: unknown[] = [];
    const { db } = world.open({ retries: 1 });
    db.on('query-error', (error) => told.push(error));
    world.proxy.inject({ kind: 'cut', when: 'before', at: insert, times: 2 });
    const error = await failure(db.transaction((trx) => trx('items').insert({ id: 6_007 })));
    expect(error.message).toMatch(/^insert .*Connection terminated unexpectedly$/);
    expect(told).toHaveLength(2);
    expect(error).toBe(told[1]);
    expect([outcomeOf(error), explain(error)?.attempts]).toEqual(['rolled-back', 2]);
  });

  test('a connection that gives no answer is hung up: no ROLLBACK waits for its own 5 s', async () => {
    const connection = { ...world.config(), query_timeout: 300 };
    const { db, pool } = world.open({}, { connection, pool: { min: 0, max: 1 } });
    let calls = 0;
    const began = performance.now();
    await db.transaction(async (trx) => {
      calls += 1;
      if (calls === 1) world.proxy.inject({ kind: 'blackHole', at: insert });
      await trx('items').insert({ id: 6_013 });
    });
    expect(calls).toBe(2);
    expect(performance.now() - began).toBeLessThan(4_000);
    expect(pool.numUsed()).toBe(0);
  });

  test('a swallowed error and its COMMIT: not success, and the first error is the cause', async () => {
    const { db, pool } = world.open({}, { pool: { min: 0, max: 1 } });
    const { rows } = await db.raw('SELECT pg_backend_pid() AS pid');
    const swallowed: unknown[] = [];
    let execution: Promise<unknown> | undefined;
    const error = await failure(
      db.transaction(async (trx) => {
        execution = settled(trx.executionPromise);
        await trx('items').insert({ id: 6_008 });
        for (const sql of ['SELECT 1/0', 'SELECT 2']) {
          await trx.raw(sql).catch((it) => swallowed.push(it));
        }
        return 'said ok';
      }),
    );
    expect(error).toBeInstanceOf(SilentRollbackError);
    expect([swallowed.length, error.cause]).toEqual([2, swallowed[0]]);
    expect(await execution).toEqual({ error });
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(await world.items(6_008)).toEqual([]);
    await poolIsFree(pool);
    expect((await db.raw('SELECT pg_backend_pid() AS pid')).rows).toEqual(rows);
  });

  test('a COMMIT that the callback sent itself makes what follows unknown', async () => {
    const { db } = world.open();
    let calls = 0;
    const error = await failure(
      db.transaction(async (trx) => {
        calls += 1;
        await trx('items').insert({ id: 6_009 });
        await trx.raw('COMMIT');
        await trx.raw("DO $$ BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END $$");
      }),
    );
    expect([calls, outcomeOf(error)]).toEqual([1, 'unknown']);
    expect(explain(error)?.verdict.reason).toMatch(/itself sent COMMIT/);
    expect(await world.items(6_009)).toEqual([6_009]);
  });

  test('so does one that it sent over the bare connection', async () => {
    const { db } = world.open();
    const error = await failure(
      db.transaction(async (trx) => {
        const connection = await trx.client.acquireConnection();
        await connection.query('COMMIT');
        throw new Error('mine');
      }),
    );
    expect(outcomeOf(error)).toBe('unknown');
  });

  test('the trx of an attempt that is over refuses to work', async () => {
    const { db } = world.open();
    const handles: Knex.Transaction[] = [];
    await db.transaction(async (trx) => {
      handles.push(trx);
      if (handles.length === 1) world.proxy.inject({ kind: 'cut', when: 'before', at: insert });
      await trx('items').insert({ id: 6_010 });
    });
    expect(handles).toHaveLength(2);
    for (const old of handles) {
      expect(old.isCompleted()).toBe(true);
      const error = await failure(old('items').insert({ id: 6_011 }).then());
      expect(error.message).toMatch(/^Transaction query already complete/);
      await failure(old.transaction((nested) => nested('items').insert({ id: 6_011 })));
    }
    expect(await world.items(6_011)).toEqual([]);
  });

  test('a connection is used again after COMMIT, after ROLLBACK and after a refused BEGIN', async () => {
    const { db } = world.open({}, { pool: { min: 0, max: 1 } });
    const pids = new Set<number>();
    const look = async (): Promise<void> => {
      pids.add((await db.raw('SELECT pg_backend_pid() AS pid')).rows[0].pid);
    };
    await look();
    await db.transaction((trx) => trx('items').insert({ id: 6_012 }));
    await look();
    await failure(db.transaction((trx) => trx('items').insert({ id: 1 })));
    await look();
    await failure(db.transaction(async () => {}, { isolationLevel: 'snapshot' }));
    await look();
    expect(pids.size).toBe(1);
  });
});

describe("Knex's own ways with transactions", () => {
  test('isolation level, read-only and user parameters reach the trx', async () => {
    const { db } = world.open();
    const shown = await db.transaction(
      async (trx) => [
        (await trx.raw('SHOW transaction_isolation')).rows[0].transaction_isolation,
        (await trx.raw('SHOW transaction_read_only')).rows[0].transaction_read_only,
      ],
      { isolationLevel: 'serializable', readOnly: true },
    );
    expect(shown).toEqual(['serializable', 'on']);
    const tenant = db.withUserParams({ tenant: 5 });
    expect(await tenant.transaction(async (trx) => trx.userParams)).toEqual({ tenant: 5 });
  });

  test('a write in a transaction that was declared read-only is the mistake of its author', async () => {
    const { db } = world.open();
    let calls = 0;
    const work = db.transaction(
      async (trx) => {
        calls += 1;
        await trx('items').insert({ id: 6_100 });
      },
      { readOnly: true },
    );
    expect(await failure(work)).toMatchObject({ code: '25006' });
    expect(calls).toBe(1);
  });

  test('a wrong isolation level is refused', async () => {
    const { db } = world.open();
    const wrong = { isolationLevel: 'chaos' as 'serializable' };
    expect((await failure(db.transaction(async () => {}, wrong))).message).toMatch(
      /Invalid isolationLevel/,
    );
  });

  test('trx.commit(value) and trx.rollback(error), called by the callback, mean what they meant', async () => {
    const { db } = world.open();
    const value = await db.transaction<string>((trx) => {
      trx('items')
        .insert({ id: 6_101 })
        .then(() => trx.commit('mine'))
        .catch(trx.rollback);
    });
    expect(value).toBe('mine');
    const mine = new Error('mine');
    const work = db.transaction((trx) => {
      void trx('items')
        .insert({ id: 6_102 })
        .then(() => trx.rollback(mine));
    });
    expect(await failure(work)).toBe(mine);
    expect(await world.items(6_101, 6_102)).toEqual([6_101]);
  });

  test('trx.rollback() without an error ends in undefined, or in an error if asked for', async () => {
    const { db } = world.open();
    const undo = async (trx: Knex.Transaction): Promise<void> => {
      await trx('items').insert({ id: 6_103 });
      await trx.rollback();
    };
    expect(await db.transaction(undo)).toBeUndefined();
    const error = await failure(db.transaction(undo, { doNotRejectOnRollback: false }));
    expect(error.message).toMatch(/Transaction rejected with non-error: undefined/);
    expect(await world.items(6_103)).toEqual([]);
  });

  test('without a promise, a lost statement has the whole played again too', async () => {
    const { db } = world.open();
    let calls = 0;
    await db.transaction((trx) => {
      calls += 1;
      if (calls === 1) world.proxy.inject({ kind: 'cut', when: 'before', at: insert });
      trx('items').insert({ id: 6_104 }).then(trx.commit, trx.rollback);
    });
    expect(calls).toBe(2);
    expect(await world.items(6_104)).toEqual([6_104]);
  });

  test('savepoints: an error stays inside, and the outer work is kept', async () => {
    const { db } = world.open();
    await db.transaction(async (trx) => {
      await trx('items').insert({ id: 6_105 });
      const mine = new Error('mine');
      const nested = trx.transaction(async (inner) => {
        await inner('items').insert({ id: 6_106 });
        throw mine;
      });
      expect(await failure(nested)).toBe(mine);
      await trx.savepoint((inner) => inner('items').insert({ id: 6_107 }));
    });
    expect(await world.items(6_105, 6_106, 6_107)).toEqual([6_105, 6_107]);
  });

  test('a connection lost inside a savepoint: the first error is the one that counts', async () => {
    const { db } = world.open({ retries: 0 });
    world.proxy.inject({ kind: 'cut', when: 'before', at: insert });
    const error = await failure(
      db.transaction((trx) => trx.transaction((inner) => inner('items').insert({ id: 6_108 }))),
    );
    expect(error.message).toMatch(/^insert /);
    let calls = 0;
    await db.carom({ retries: 1 }).transaction(async (trx) => {
      calls += 1;
      if (calls === 1) world.proxy.inject({ kind: 'cut', when: 'before', at: insert });
      await trx.transaction((inner) => inner('items').insert({ id: 6_109 }));
    });
    expect(calls).toBe(2);
  });

  test('a transaction on a connection of the caller is left alone', async () => {
    const { db, pool } = world.open();
    const connection = await db.client.acquireConnection();
    world.proxy.inject({ kind: 'cut', when: 'before', at: insert });
    let calls = 0;
    const work = db.transaction(
      async (trx) => {
        calls += 1;
        await trx('items').insert({ id: 6_110 });
      },
      { connection },
    );
    await failure(work);
    expect([calls, pool.numUsed()]).toEqual([1, 1]);
    await db.client.releaseConnection(connection);
  });

  test('.transacting(trx) runs in the transaction', async () => {
    const { db } = world.open();
    const mine = new Error('mine');
    const work = db.transaction(async (trx) => {
      await db('items').insert({ id: 6_111 }).transacting(trx);
      await db.batchInsert('items', [{ id: 6_112 }, { id: 6_113 }], 1).transacting(trx);
      throw mine;
    });
    expect(await failure(work)).toBe(mine);
    expect(await world.items(6_111, 6_112, 6_113)).toEqual([]);
  });

  test('batchInsert is one unit', async () => {
    const { db } = world.open();
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: { query: 4 } });
    const rows = Array.from({ length: 5 }, (_, at) => ({ id: 6_120 + at }));
    const ids = await db.batchInsert('items', rows, 2).returning('id');
    expect(fault.count).toBe(1);
    expect(ids).toEqual(rows);
    expect(await world.items(...rows.map(({ id }) => id))).toHaveLength(5);
  });

  test('the promise of a transaction takes a callback as well', async () => {
    const { db } = world.open();
    const work = db.transaction(async () => 'value') as unknown as {
      asCallback(callback: (error: unknown, value: unknown) => void): void;
    };
    const value = await new Promise((resolve) => {
      work.asCallback((_error, it) => resolve(it));
    });
    expect(value).toBe('value');
  });
});

describe('a transaction begun by hand', () => {
  test('acquire and BEGIN are bounced; then it is the caller who plays', async () => {
    const { db, pool } = world.open();
    await db('items').first();
    const fault = world.proxy.inject({ kind: 'cut', when: 'before', at: 'BEGIN' });
    const trx = await db.transaction();
    expect([fault.count, trx.isTransaction, trx.isCompleted()]).toEqual([1, true, false]);
    await trx('items').insert({ id: 6_200 });
    world.proxy.inject({ kind: 'cut', when: 'before', at: insert });
    expect((await failure(trx('items').insert({ id: 6_201 }).then())).message).toMatch(
      /terminated/,
    );
    await trx.rollback();
    await poolIsFree(pool);
    expect(await world.items(6_200, 6_201)).toEqual([]);
  });

  test('commit, rollback, a config alone, and a provider', async () => {
    const { db, pool } = world.open();
    const kept = await db.transaction({ isolationLevel: 'serializable' });
    expect((await kept.raw('SHOW transaction_isolation')).rows[0].transaction_isolation).toBe(
      'serializable',
    );
    await kept('items').insert({ id: 6_202 });
    await kept.commit();
    const undone = await db.transaction(null, { readOnly: true });
    expect((await undone.raw('SHOW transaction_read_only')).rows[0].transaction_read_only).toBe(
      'on',
    );
    await undone.rollback();
    const provide = db.transactionProvider();
    const [one, two] = [await provide(), await provide()];
    expect(one).toBe(two);
    await one.transaction((nested) => nested('items').insert({ id: 6_203 }));
    await one.commit();
    await poolIsFree(pool);
    expect(await world.items(6_202, 6_203)).toEqual([6_202, 6_203]);
  });

  test.each(['before', 'after-answer'] as const)(
    'COMMIT cut %s is settled: commit() succeeds where it was done, and fails where not',
    async (when) => {
      const { db, pool } = world.open();
      const trx = await db.transaction();
      await trx('items').insert({ id: 6_205 });
      const fault = world.proxy.inject({ kind: 'cut', when, at: 'COMMIT' });
      const { error } = await settled(Promise.resolve(trx.commit()));
      await fault.settled;
      const done = when === 'after-answer';
      expect(error === undefined).toBe(done);
      // Nobody can play again what the caller does by hand.
      if (!done) expect([outcomeOf(error), explain(error)?.attempts]).toEqual(['rolled-back', 1]);
      expect(await world.items(6_205)).toEqual(done ? [6_205] : []);
      await poolIsFree(pool);
    },
  );

  test.each(['before', 'after-answer'] as const)(
    'that of a provider as well, COMMIT cut %s',
    async (when) => {
      const { db } = world.open();
      const trx = await db.transactionProvider()();
      await trx('items').insert({ id: 6_206 });
      const fault = world.proxy.inject({ kind: 'cut', when, at: 'COMMIT' });
      const { error } = await settled(Promise.resolve(trx.commit()));
      await fault.settled;
      expect(outcomeOf(error)).toBe(when === 'before' ? 'rolled-back' : undefined);
      expect(await world.items(6_206)).toEqual(when === 'before' ? [] : [6_206]);
    },
  );

  test('a lost COMMIT that nobody may ask about is an error of commit(), where plain Knex reports success', async () => {
    const { db, pool } = world.open({ commit: 'none' });
    const trx = await db.transaction();
    await trx('items').insert({ id: 6_204 });
    const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
    const error = await failure(Promise.resolve(trx.commit()));
    await fault.settled;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect([outcomeOf(error), explain(error)?.attempts]).toEqual(['unknown', 1]);
    expect(await world.items(6_204)).toEqual([6_204]);
    await poolIsFree(pool);
  });

  test('so is one that was answered with ROLLBACK', async () => {
    const { db } = world.open();
    const trx = await db.transaction();
    const first = await failure(trx.raw('SELECT 1/0').then());
    const execution = failure(trx.executionPromise);
    const error = await failure(Promise.resolve(trx.commit()));
    expect(error).toBeInstanceOf(SilentRollbackError);
    expect(await execution).toBeInstanceOf(SilentRollbackError);
    expect([error.cause, outcomeOf(error)]).toEqual([first, 'rolled-back']);
  });

  test('and one that broke a deferred constraint', async () => {
    const { db } = world.open({}, { pool: { min: 0, max: 1 } });
    await world.ask(
      'CREATE TABLE IF NOT EXISTS later (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)',
    );
    const trx = await db.transaction();
    await trx('later').insert([{ id: 1 }, { id: 1 }]);
    const error = await failure(Promise.resolve(trx.commit()));
    expect([error.code, outcomeOf(error)]).toEqual(['23505', 'rolled-back']);
  });

  test('when no server is there, the error is that of connecting', async () => {
    const { db, pool } = world.open({ retries: 2 });
    world.proxy.refuse();
    const error = await failure(db.transaction());
    await world.proxy.accept();
    expect(error.code).toBe('ECONNREFUSED');
    expect([outcomeOf(error), explain(error)?.attempts]).toEqual(['not-executed', 3]);
    await poolIsFree(pool);
  });
});

describe('shots inside a callback', () => {
  const onOwn = async (db: Knex, work: (connection: unknown) => PromiseLike<unknown>) => {
    const connection = await db.client.acquireConnection();
    await work(connection);
    await db.client.releaseConnection(connection);
  };

  const play = async (
    beside: (db: ReturnType<typeof world.open>['db']) => PromiseLike<unknown>,
  ) => {
    const { db } = world.open();
    let calls = 0;
    const result = await settled(
      db.transaction(async (trx) => {
        calls += 1;
        await beside(db);
        if (calls === 1) world.proxy.inject({ kind: 'cut', when: 'before', at: update });
        await trx('items').where({ id: 1 }).update({ v: 1 });
      }),
    );
    return { ...result, calls };
  };

  test.each<[string, (db: ReturnType<typeof world.open>['db']) => PromiseLike<unknown>]>([
    ['a select', (db) => db('items').first()],
    ['a raw select', (db) => db.raw('SELECT count(*) FROM items')],
    ['a question about the schema', (db) => db.schema.hasTable('items')],
    [
      'an idempotent write',
      (db) => db.carom({ idempotent: true })('items').where({ id: 2 }).update({ v: 1 }),
    ],
    [
      'a read-only transaction',
      (db) => db.transaction((trx) => trx('items').first(), { readOnly: true }),
    ],
  ])('%s beside the handle does no harm', async (_name, beside) => {
    expect(await play(beside)).toMatchObject({ calls: 2, value: undefined });
  });

  test.each<[string, (db: ReturnType<typeof world.open>['db']) => PromiseLike<unknown>]>([
    ['an insert', (db) => db('items').insert({ id: 6_300 }).onConflict().ignore()],
    ['a raw update', (db) => db.raw('UPDATE items SET v = 2 WHERE id = 2')],
    ['a select that locks', (db) => db('items').where({ id: 2 }).forUpdate()],
    ['a change of the schema', (db) => db.schema.raw('CREATE TABLE IF NOT EXISTS beside (id int)')],
    ['a transaction of its own', (db) => db.transaction((trx) => trx('items').first())],
    ['one begun by hand', async (db) => (await db.transaction()).rollback()],
    [
      'a write on a connection of its own',
      (db) => onOwn(db, (connection) => db('items').connection(connection).del()),
    ],
    [
      'a transaction on one',
      (db) => onOwn(db, (connection) => db.transaction(async () => {}, { connection })),
    ],
  ])('%s keeps the unit from being played again', async (_name, beside) => {
    const { calls, error } = await play(beside);
    expect([calls, outcomeOf(error)]).toEqual([1, 'rolled-back']);
    expect(explain(error)?.taint).toMatch(/beside the transaction's own handle/);
  });
});

test('a deadlock is resolved by playing one of the two again', async () => {
  const { db } = world.open();
  let arrived = 0;
  const both = async (first: number, second: number) =>
    db.transaction(async (trx) => {
      await trx('items').where({ id: first }).increment('v', 1);
      arrived += 1;
      await turnsUntil(() => arrived >= 2);
      await trx('items').where({ id: second }).increment('v', 1);
    });
  await Promise.all([both(1, 2), both(2, 1)]);
  expect(await world.ask('SELECT v FROM items WHERE id IN (1, 2)')).toEqual([{ v: 2 }, { v: 2 }]);
}, 20_000);

test('a lock that is waited for too long is asked for again', async () => {
  const release = await heldLock(world, 'SELECT FROM items WHERE id = 1 FOR UPDATE');
  let calls = 0;
  const { db } = world.open({ onRetry: () => void release() });
  await db.transaction(async (trx) => {
    calls += 1;
    await trx.raw("SET LOCAL lock_timeout = '20ms'");
    await trx('items').where({ id: 1 }).increment('v', 1);
  });
  expect(calls).toBeGreaterThan(1);
});
