/** Measured: statements whose error does not say what became of them, and answers that say something else than it seems. */
import { type CaromPool, wrapPool } from '@carom/pg';
import { type ExecutionOptions, explain, outcomeOf } from '@carom/postgres';
import { type FaultProxy, startFaultProxy } from '@carom/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { settled } from '../contract/world.js';
import { onEachVersion } from './versions.js';
import { createWorld, until } from './world.js';

/** Fails as if in contention, which is played again wherever it can be. */
const contention = `CREATE FUNCTION contention() RETURNS void LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'as if in contention' USING ERRCODE = '40001'; END $$`;

/** Each commits something, and fails after that. */
const selfCommitting = {
  CALL: "CALL commits_first('CALL')",
  DO: "DO $$ BEGIN INSERT INTO marks VALUES ('DO'); COMMIT; PERFORM contention(); END $$",
  'several statements': `INSERT INTO marks VALUES ('several statements'); COMMIT; SELECT contention()`,
};

onEachVersion((version) => {
  const settings = { max_prepared_transactions: 5 };
  const world = createWorld(version, { settings });
  let proxy: FaultProxy;
  let pools: pg.Pool[] = [];

  beforeAll(async () => {
    proxy = await startFaultProxy(world.primary);
    await world.ask(contention);
    await world.ask(`CREATE PROCEDURE commits_first(it text) LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO marks VALUES (it); COMMIT; PERFORM contention(); END $$`);
  }, 60_000);
  afterAll(() => proxy?.close());
  afterEach(async () => {
    proxy.resume();
    await Promise.all(pools.map((pool) => pool.end()));
    pools = [];
  });

  function open(options?: ExecutionOptions): CaromPool {
    const { host, port } = proxy;
    const pool = new pg.Pool({ ...world.primary.config, host, port, max: 1 });
    pools.push(pool);
    return wrapPool(pool, { baseDelay: 1, ...options });
  }

  /** Resolves with the pids of those who wait for a lock, once there is one. */
  async function waitingForLock(): Promise<number[]> {
    let pids: number[] = [];
    await until(async () => {
      const sql = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
      pids = (await world.ask<{ pid: number }>(sql)).map(({ pid }) => pid);
      return pids.length > 0;
    });
    return pids;
  }

  describe('a statement that commits by itself: after an ERROR its outcome is unknown, and it is never played again', () => {
    test.each(Object.entries(selfCommitting))('%s', async (mark, sql) => {
      const pool = open().carom({ idempotent: true });
      const { error } = await settled(pool.query(sql));
      expect(outcomeOf(error)).toBe('unknown');
      expect(explain(error)?.attempts).toBe(1);
      expect(await world.rows(mark)).toBe(1);
    });

    test('VACUUM', async () => {
      await world.ask(
        'CREATE TABLE first AS SELECT 1 AS id; CREATE TABLE second AS SELECT 1 AS id',
      );
      await world.ask(`CREATE FUNCTION key(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN id; END';
        CREATE INDEX ON second (key(id))`);
      await world.ask(`CREATE OR REPLACE FUNCTION key(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS
        'BEGIN PERFORM public.contention(); RETURN id; END'`);
      const { error } = await settled(
        open().carom({ idempotent: true }).query('VACUUM (ANALYZE) first, second'),
      );
      expect(error).toMatchObject({ cause: { code: '40001' } });
      expect(outcomeOf(error)).toBe('unknown');
      expect(explain(error)?.attempts).toBe(1);
      const done = "SELECT reltuples AS n FROM pg_class WHERE relname = 'first'";
      expect(await world.ask(done)).toEqual([{ n: 1 }]);
    });

    test('CREATE INDEX CONCURRENTLY', async () => {
      await world.ask('CREATE TABLE twice AS SELECT 1 AS id FROM generate_series(1, 2)');
      const { error } = await settled(
        open()
          .carom({ idempotent: true })
          .query('CREATE UNIQUE INDEX CONCURRENTLY half ON twice (id)'),
      );
      expect(error).toMatchObject({ code: '23505' });
      expect(outcomeOf(error)).toBe('unknown');
      const left = "SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'half'::regclass";
      expect(await world.ask(left)).toEqual([{ valid: false }]);
    });

    test.each(['COMMIT', 'END', "PREPARE TRANSACTION 'measured'"])(
      '%s, by the caller inside a callback: an error after it is unknown, and the unit is not played again',
      async (end) => {
        let calls = 0;
        const work = open().transaction(async (client) => {
          calls += 1;
          await client.query('INSERT INTO marks VALUES ($1)', [`by the caller: ${end}`]);
          await client.query(end);
          await client.query('SELECT contention()');
        });
        expect(outcomeOf((await settled(work)).error)).toBe('unknown');
        expect(calls).toBe(1);
        const prepared = await world.ask('SELECT gid FROM pg_prepared_xacts');
        if (prepared.length > 0) await world.ask("COMMIT PREPARED 'measured'");
        expect(await world.rows(`by the caller: ${end}`)).toBe(1);
      },
    );
  });

  describe('FATAL 57P01 on a single write', () => {
    test('before CommandComplete: rolled back, and played again', async () => {
      const holder = await world.connect();
      await holder.query('BEGIN; LOCK TABLE marks IN ACCESS EXCLUSIVE MODE');
      const work = settled(open().query("INSERT INTO marks VALUES ('killed')"));
      const [pid = 0] = await waitingForLock();
      expect(await world.primary.killBackend(pid)).toBe(true);
      await holder.query('ROLLBACK');
      expect((await work).error).toBeUndefined();
      expect(await world.rows('killed')).toBe(1);
    });

    test('after CommandComplete: unknown, and not played again', async () => {
      // In the extended protocol the commit comes after CommandComplete; a deferred trigger holds it up there.
      await world.ask(`CREATE TABLE deferred (id int);
        CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER held AFTER INSERT ON deferred INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION hold()`);
      const holder = await world.connect();
      await holder.query('SELECT pg_advisory_lock(7)');
      const work = settled(open().query('INSERT INTO deferred VALUES ($1)', [1]));
      const [pid = 0] = await waitingForLock();
      expect(await world.primary.killBackend(pid)).toBe(true);
      await holder.query('SELECT pg_advisory_unlock(7)');
      const { error } = await work;
      expect(error).toMatchObject({ cause: { code: '57P01' } });
      expect(outcomeOf(error)).toBe('unknown');
      expect(explain(error)?.attempts).toBe(1);
    });
  });

  test('COMMIT that is answered with ROLLBACK is a SilentRollbackError', async () => {
    let swallowed: unknown;
    const work = open().transaction(async (client) => {
      await client.query("INSERT INTO marks VALUES ('swallowed')");
      await client.query('SELECT 1/0').catch((error: unknown) => {
        swallowed = error;
      });
    });
    const { error } = await settled(work);
    expect(error).toMatchObject({ code: 'CAROM_SILENT_ROLLBACK', cause: swallowed });
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(await world.rows('swallowed')).toBe(0);
  });

  test('a cancel request that comes late does not hit the next query', async () => {
    const pool = open();
    const [first, second] = [await world.connect(), await world.connect()];
    await first.query('SELECT pg_advisory_lock(1)');
    await second.query('SELECT pg_advisory_lock(2)');
    const stop = new AbortController();
    const cancel = proxy.inject({ kind: 'stall', at: 'cancel' });
    const aborted = settled(
      pool.carom({ signal: stop.signal }).query('SELECT pg_advisory_xact_lock(1)'),
    );
    await waitingForLock();
    stop.abort(new Error('enough'));
    await cancel.fired;
    // Its own answer is in, while the request is still on its way.
    await first.query('SELECT pg_advisory_unlock(1)');
    await aborted;
    const next = settled(pool.query('SELECT pg_advisory_xact_lock(2)'));
    await waitingForLock();
    proxy.resume();
    await cancel.settled;
    await second.query('SELECT pg_advisory_unlock(2)');
    expect((await next).error).toBeUndefined();
  });
});
