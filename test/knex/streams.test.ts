import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { OutcomeUnknownError, outcomeOf } from '@carom/knex';
import { describe, expect, test } from '@jest/globals';
import {
  createWorld,
  failure,
  heldLock,
  poolIsFree,
  turnsUntil,
  until,
  waitForLocks,
} from './world.js';

const world = createWorld();
const select = { matches: /^select/i };

/** Reads to the end, and counts. */
async function count(
  stream: AsyncIterable<unknown>,
  onRow?: (n: number) => unknown,
): Promise<number> {
  let rows = 0;
  for await (const _row of stream) {
    rows += 1;
    await onRow?.(rows);
  }
  return rows;
}

describe('streams', () => {
  test('all rows, once, by iteration, by pipe and by handler', async () => {
    const { db, pool } = world.open();
    const all = db('items').where('id', '<=', 2_000);
    expect(await count(all.clone().stream())).toBe(2_000);
    expect(await count(db('items').where('id', '<', 0).stream())).toBe(0);
    let piped = 0;
    const sink = () =>
      new Writable({
        objectMode: true,
        write: (_row, _encoding, done) => {
          piped += 1;
          done();
        },
      });
    await pipeline(all.clone().stream({ highWaterMark: 7 }), sink());
    await new Promise((resolve) => {
      all.clone().pipe(sink()).on('finish', resolve);
    });
    await all.clone().stream((stream) => stream.pipe(sink()));
    expect(piped).toBe(6_000);
    await poolIsFree(pool);
  });

  test('raw SQL, and `postProcessResponse` for each row', async () => {
    const { db } = world.open({}, { postProcessResponse: (row) => ({ row }) });
    const rows: unknown[] = [];
    for await (const row of db.raw('SELECT 1 AS one UNION SELECT 2').stream()) rows.push(row);
    expect(rows).toEqual([{ row: { one: 1 } }, { row: { one: 2 } }]);
  });

  test('an error of the server ends the stream with that very object', async () => {
    const { db, pool } = world.open();
    const told: unknown[] = [];
    const stream = db.raw('SELECT 1 / (g - 500) FROM generate_series(1, 1000) g').stream();
    stream.on('error', (error: unknown) => told.push(error));
    const error = await failure(count(stream));
    expect(error.code).toBe('22012');
    expect([outcomeOf(error), told]).toEqual(['rolled-back', [error]]);
    expect(stream.destroyed).toBe(true);
    await poolIsFree(pool);
  });

  test('what cannot be compiled ends the stream', async () => {
    const { db, pool } = world.open();
    const error = await failure(count(db('items').where({ id: undefined }).stream()));
    expect(error.message).toMatch(/^Undefined binding/);
    expect(outcomeOf(error)).toBe('not-executed');
    await poolIsFree(pool);
  });

  test.each(['before', 'after-answer'] as const)(
    'cut %s the first row: played again, no row twice',
    async (when) => {
      const { db, pool } = world.open();
      await db('items').first();
      const fault = world.proxy.inject({ kind: 'cut', when, at: select });
      expect(await count(db('items').select('id').stream())).toBe(2_000);
      expect(fault.count).toBe(1);
      await poolIsFree(pool);
    },
  );

  test('no connection to be had: played again as well', async () => {
    let bounces = 0;
    const { db } = world.open({
      onRetry: () => {
        bounces += 1;
        if (bounces === 2) void world.proxy.accept();
      },
    });
    world.proxy.refuse();
    expect(await count(db('items').limit(3).stream())).toBe(3);
    expect(bounces).toBeGreaterThanOrEqual(2);
  });

  test('cut after the first rows: an error, in plain Knex a hang, and the slot is free', async () => {
    const { db, pool } = world.open();
    await db('items').first();
    const stream = db('items').select('id').stream({ batchSize: 10 });
    let rows = 0;
    const error = await failure(
      count(stream, (n) => {
        rows = n;
        if (n === 20) world.proxy.cutAll();
      }),
    );
    expect(error.message).toMatch(/Connection terminated unexpectedly$/);
    expect(rows).toBeLessThan(2_000);
    expect([stream.destroyed, outcomeOf(error)]).toEqual([true, 'unknown']);
    await poolIsFree(pool);
    expect(await count(db('items').stream())).toBe(2_000);
  });

  test('a backend killed while the reader is slow: the error is that of the server', async () => {
    const { db, pool } = world.open();
    const stream = db('items').select('id').stream({ batchSize: 10 });
    const error = await failure(
      count(stream, async (n) => {
        if (n === 20) await world.cluster.primary.killBackends();
      }),
    );
    expect(error.code ?? error.message).toMatch(/57P01|Connection terminated unexpectedly/);
    await poolIsFree(pool);
  });

  test('a write that streams its rows is unknown when they are lost, and not played again', async () => {
    const { db, pool } = world.open();
    const fault = world.proxy.inject({
      kind: 'cut',
      when: 'after-answer',
      at: { matches: /^insert/i },
    });
    const error = await failure(count(db('items').insert({ id: 7_000 }).returning('id').stream()));
    await fault.settled;
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(fault.count).toBe(1);
    expect((await world.items(7_000)).length).toBeLessThanOrEqual(1);
    await poolIsFree(pool);
  });

  test('a reader who leaves early frees the slot, and the connection is good', async () => {
    const { db, pool } = world.open({}, { pool: { min: 0, max: 1 } });
    const { rows } = await db.raw('SELECT pg_backend_pid() AS pid');
    for await (const _row of db('items').stream({ batchSize: 10 })) break;
    await poolIsFree(pool);
    const left = db('items').stream();
    left.destroy();
    await poolIsFree(pool);
    expect((await db.raw('SELECT pg_backend_pid() AS pid')).rows).toEqual(rows);
  });

  test('a reader who leaves while the server is at work', async () => {
    const { db, pool } = world.open();
    const release = await heldLock(world, 'LOCK TABLE items');
    const stream = db('items').stream();
    await waitForLocks(world, 1);
    stream.destroy();
    await release();
    await poolIsFree(pool);
  });

  test('the slot is given back once: a reader who is late to the end frees nobody else', async () => {
    const { db, pool } = world.open({}, { pool: { min: 0, max: 1 } });
    const stream = db('items').select('id').limit(20).stream();
    await poolIsFree(pool);
    await turnsUntil(() => stream.readableLength > 0 && pool.numFree() === 1);
    const trx = await db.transaction();
    expect(pool.numUsed()).toBe(1);
    expect(await count(stream)).toBe(20);
    await turnsUntil(() => stream.closed);
    expect(pool.numUsed()).toBe(1);
    await trx.rollback();
  });

  test('a stream in a transaction ends with an error too, and the whole is played again', async () => {
    const { db, pool } = world.open();
    let calls = 0;
    const rows = await db.transaction(async (trx) => {
      calls += 1;
      const stream = trx('items').select('id').stream({ batchSize: 10 });
      return await count(stream, (n) => {
        if (calls === 1 && n === 20) world.proxy.cutAll();
      });
    });
    expect([calls, rows]).toEqual([2, 2_000]);
    await poolIsFree(pool);
  });

  test('a signal ends the stream at any row', async () => {
    const { db, pool } = world.open();
    const caller = new AbortController();
    const reason = new Error('changed my mind');
    const stream = db.carom({ signal: caller.signal })('items').stream({ batchSize: 10 });
    const error = await failure(
      count(stream, (n) => {
        if (n === 20) caller.abort(reason);
      }),
    );
    expect(error).toBe(reason);
    await poolIsFree(pool);
  });

  test('the way falls silent between two rows: an error, and the slot is free', async () => {
    const { db, pool } = world.open({ silence: 100 });
    const stream = db('items').select('id').stream({ batchSize: 10 });
    const error = await failure(
      count(stream, (n) => {
        if (n === 20) world.proxy.inject({ kind: 'blackHole', at: 'statement' });
      }),
    );
    expect(error.message).toMatch(/Connection terminated unexpectedly$/);
    expect(outcomeOf(error)).toBe('unknown');
    await poolIsFree(pool);
  });

  test('a reader who takes his time is left in peace', async () => {
    const { db } = world.open({ silence: 20 });
    const before = world.proxy.seen.connections;
    const stream = db('items').select('id').limit(40).stream({ batchSize: 10, highWaterMark: 10 });
    const rows = await count(stream, async (n) => {
      if (n !== 20) return;
      // A statement beside it is unanswered meanwhile, so that looks are seen to be taken.
      const release = await heldLock(world, 'LOCK TABLE items');
      const beside = db('items').where({ id: 1 }).update({ v: 1 });
      const done = beside.then(() => {});
      await waitForLocks(world, 1);
      await until(async () => {
        await world.ask('SELECT 1');
        return world.proxy.seen.connections - before >= 6;
      });
      await release();
      await done;
    });
    expect(rows).toBe(40);
  });
});
