/** Measured: COMMIT while it waits for a synchronous standby: what looks undone is not, what looks done may not be. */
import { wrapPool } from '@carom/pg';
import { outcomeOf, type Ticket } from '@carom/postgres';
import { afterEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { settled } from '../contract/world.js';
import { onEachVersion } from './versions.js';
import { type Beginning, createWorld, until, type World, waitingForStandby } from './world.js';

/** The backends that wait for a standby, and what they run. */
const waiting = (world: World): Promise<{ pid: number; query: string }[]> =>
  world.ask("SELECT pid, query FROM pg_stat_activity WHERE wait_event = 'SyncRep'");

/** Resolves with the backend of the resolver that commits something of its own, once it waits. */
async function barrierOf(world: World): Promise<number> {
  let pid: number | undefined;
  await until(async () => {
    [pid] = (await waiting(world)).map((backend) => backend.pid);
    return pid !== undefined;
  });
  return pid ?? 0;
}

/** A transaction that is committed on the primary alone: its wait was broken off. */
async function committedHereAlone(world: World, how: Beginning): Promise<Ticket> {
  await world.cluster.standby.stop();
  const original = await world.begin(how);
  const ticket = await original.ticket();
  const answer = original.commit();
  await waitingForStandby(world);
  await world.ask('SELECT pg_cancel_backend($1)', [original.pid]);
  expect(await answer).toMatchObject({ command: 'COMMIT' });
  return ticket;
}

onEachVersion((version) => {
  const world = createWorld(version, { standby: 'sync' });

  afterEach(async () => {
    await world.cluster.standby.start();
    await world.cluster.caughtUp();
  });

  test('the late commit: a SELECT says no, the id says «in progress», and the resolver waits', async () => {
    await world.cluster.standby.stop();
    const original = await world.begin({ mark: 'late' });
    const ticket = await original.ticket();
    void original.commit();
    await waitingForStandby(world);
    original.vanish();
    expect(await world.rows('late')).toBe(0);
    expect(await world.look(ticket)).toBe('running');
    expect(await world.look(ticket)).toBe('running');
    // Nobody has ended it: that would break its wait off, and leave it committed here alone.
    expect((await waiting(world)).map(({ pid }) => pid)).toEqual([original.pid]);
    const settlement = world.settle(ticket);
    await world.cluster.standby.start();
    expect(await settlement).toBe('committed');
    expect(await world.rows('late')).toBe(1);
    expect(world.primary.log).not.toMatch(/cancel\w*ing the wait for synchronous/);
  });

  test('by a token it waits as well, and its backend lives on', async () => {
    await world.cluster.standby.stop();
    const original = await world.begin({ level: 'fence', mark: 'late token' });
    const ticket = await original.ticket();
    void original.commit();
    await waitingForStandby(world);
    original.vanish();
    expect(await world.look(ticket)).toBe('running');
    expect((await waiting(world)).map(({ pid }) => pid)).toEqual([original.pid]);
    const settlement = world.settle(ticket);
    await world.cluster.standby.start();
    expect(await settlement).toBe('committed');
    expect(await world.rows('late token')).toBe(1);
  });

  test('an abort while COMMIT waits cancels nothing', async () => {
    const raw = new pg.Pool({ ...world.primary.config, max: 1 });
    const pool = wrapPool(raw, { commit: 'none' });
    const stop = new AbortController();
    await world.cluster.standby.stop();
    const work = settled(
      pool.carom({ signal: stop.signal }).transaction(async (client) => {
        await client.query("INSERT INTO marks VALUES ('aborted')");
      }),
    );
    await waitingForStandby(world);
    stop.abort(new Error('enough'));
    expect(outcomeOf((await work).error)).toBe('unknown');
    expect(await waiting(world)).toHaveLength(1);
    await world.cluster.standby.start();
    await until(async () => (await world.rows('aborted')) === 1);
    expect(world.primary.log).not.toMatch(/canceling wait for synchronous/);
    await pool.end();
  });

  describe.each(['xid', 'fence'] as const)('the barrier: %s', (level) => {
    test('«committed» is believed once a later commit is as durable as the first was meant to be', async () => {
      const ticket = await committedHereAlone(world, { level, mark: `${level} here alone` });
      expect(await world.rows(`${level} here alone`)).toBe(1);
      let outcome: string | undefined;
      const settlement = world.settle(ticket).then((it) => {
        outcome = it;
      });
      await barrierOf(world);
      expect(outcome).toBeUndefined();
      await world.cluster.standby.start();
      await settlement;
      expect(outcome).toBe('committed');
    });

    test('broken off: a warning «committed locally» is no confirmation', async () => {
      const ticket = await committedHereAlone(world, { level, mark: 'still here alone' });
      const look = world.look(ticket);
      await world.ask('SELECT pg_cancel_backend($1)', [await barrierOf(world)]);
      expect(await look).toBe('waiting');
    });
  });

  test("the barrier has the original's durability, not that of the resolver's own connection", async () => {
    const local = { options: '-c synchronous_commit=local' };
    await world.cluster.standby.stop();
    const careless = await world.begin({ mark: 'careless', as: local });
    const carelessTicket = await careless.ticket();
    await careless.commit();
    expect(await world.look(carelessTicket)).toMatchObject({ outcome: 'committed' });

    const careful = await world.begin({ mark: 'careful', as: local });
    await careful.send('SET LOCAL synchronous_commit = on');
    const ticket = await careful.ticket();
    const answer = careful.commit();
    await waitingForStandby(world);
    await world.ask('SELECT pg_cancel_backend($1)', [careful.pid]);
    await answer;
    const look = world.look(ticket, local);
    await world.ask('SELECT pg_cancel_backend($1)', [await barrierOf(world)]);
    expect(await look).toBe('waiting');
  });

  test('the durability of a ticket is the one that its transaction ends with', async () => {
    const less = 'SET LOCAL synchronous_commit = local';
    const insert = "INSERT INTO marks VALUES ('durability')";
    const endings: readonly (readonly [string, readonly string[]])[] = [
      ['local', [insert, less]],
      ['on', [insert, 'SAVEPOINT a', less, insert, 'ROLLBACK TO a']],
      ['on', ['SAVEPOINT a', less, insert, 'ROLLBACK TO a', insert]],
      ['on', [less, insert, 'RESET ALL']],
    ];
    for (const [durability, statements] of endings) {
      const original = await world.begin();
      for (const sql of statements) await original.send(sql);
      expect(await original.ticket()).toMatchObject({ durability });
      original.vanish();
    }
  });

  test('the deadline of a transaction does not break off the wait of its COMMIT for a standby', async () => {
    await world.cluster.standby.stop();
    const text =
      'BEGIN; SET LOCAL statement_timeout = 100; SET LOCAL idle_in_transaction_session_timeout = 100';
    const original = await world.begin({ mark: 'deadline', text });
    const ticket = await original.ticket();
    const answer = original.commit();
    await waitingForStandby(world);
    await world.ask('SELECT pg_sleep(0.5)');
    expect(await waiting(world)).toMatchObject([{ pid: original.pid }]);
    expect(await world.look(ticket)).toBe('running');
    await world.cluster.standby.start();
    expect(await answer).toMatchObject({ command: 'COMMIT' });
  });

  test('a fence is durable although its transaction asked for less', async () => {
    await world.cluster.standby.stop();
    const as = { options: '-c synchronous_commit=off' };
    const original = await world.begin({ level: 'fence', mark: 'off', as });
    const ticket = await original.ticket();
    void original.commit();
    await waitingForStandby(world);
    const settlement = world.settle(ticket);
    await world.cluster.standby.start();
    expect(await settlement).toBe('committed');
  });

  test('a single write whose wait for the standby is broken off is unknown, and there', async () => {
    const raw = new pg.Pool({ ...world.primary.config, max: 1 });
    const pool = wrapPool(raw);
    await world.cluster.standby.stop();
    const work = settled(pool.query("INSERT INTO marks VALUES ('single')"));
    await waitingForStandby(world);
    const [backend] = await waiting(world);
    await world.ask('SELECT pg_terminate_backend($1)', [backend?.pid]);
    expect(outcomeOf((await work).error)).toBe('unknown');
    expect(await world.rows('single')).toBe(1);
    await pool.end();
  });

  test('what only the former primary had committed is not said to be committed', async () => {
    const ticket = await committedHereAlone(world, { mark: 'lost with the primary' });
    const settlement = world.settle(ticket);
    await barrierOf(world);
    await world.primary.stop('immediate');
    await world.cluster.standby.start();
    await world.cluster.standby.promote();
    expect(await settlement).toBe('unknown');
    expect(await world.rows('lost with the primary')).toBe(0);
    await world.cluster.rejoin();
  });
});
