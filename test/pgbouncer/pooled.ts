/** The contract through PgBouncer in transaction mode, and what only a pooler does. */
import { outcomeOf } from '@carom/postgres';
import { afterAll, describe, expect, test } from '@jest/globals';
import { askingContract } from '../contract/asking.js';
import { autocommitContract } from '../contract/autocommit.js';
import { commitContract } from '../contract/commits.js';
import { contentionContract } from '../contract/contention.js';
import { leftAlone } from '../contract/hygiene.js';
import { openLock } from '../contract/locks.js';
import type { Adapter, Tx } from '../contract/subject.js';
import { transactionContract } from '../contract/transactions.js';
import {
  audited,
  createWorld,
  settled,
  until,
  type World,
  waitingForLock,
} from '../contract/world.js';
import { type Pooler, pgbouncer, startPooler } from './pooler.js';

/** @param more what only this adapter can be asked */
export function pooledContract(adapter: Adapter, more?: (world: World) => void): void {
  if (pgbouncer === undefined) {
    test.skip(`${adapter.name} through PgBouncer (skipped: apt-get install pgbouncer)`, () => {});
    return;
  }
  describe(`the contract through PgBouncer, kept by ${adapter.name}`, () => {
    let pooler: Pooler | undefined;
    const world = createWorld(adapter, async (server) => {
      pooler = await startPooler(server.config);
      return { url: server.url, host: pooler.host, port: pooler.port };
    });
    afterAll(() => pooler?.stop());
    describe('single statements', () => autocommitContract(adapter, world));
    describe('transactions', () => transactionContract(adapter, world));
    describe('contention', () => contentionContract(world));
    if (adapter.settles) {
      describe('lost COMMITs', () => commitContract(adapter, world));
      describe('lost COMMITs, asked about', () => askingContract(world));
    }
    describe('the pooler', () => {
      poolerContract(world, () => pooler as Pooler);
      more?.(world);
    });
  });
}

function poolerContract(world: World, pooler: () => Pooler): void {
  test('it dies and comes back: every kind of work is done once, or said to be unknown', async () => {
    // The clock is in a hurry, and the pooler takes its time to come back.
    const db = world.open({ retries: 100, patience: 86_400_000 });
    const [mark, unit] = [world.mark(), world.mark()];
    await Promise.all([db.count(mark), db.count(mark), db.count(mark)]);
    const lock = await openLock(world);
    const work = [db.mark(mark), db.transaction((tx) => tx.mark(unit))].map(settled);
    const read = db.count(mark);
    await waitingForLock(world, 3);
    await pooler().kill();
    const back = pooler().start();
    await lock.release();
    await back;
    const [single, transaction] = await Promise.all(work);
    expect(await read).toBeGreaterThanOrEqual(0);
    expect(transaction?.error).toBeUndefined();
    expect(outcomeOf(single?.error)).toBe('unknown');
    // What it had passed on may be under way on the server for a moment yet.
    await waitingForLock(world, 0);
    await world.cluster.primary.killBackends();
    await audited(world, mark, single ?? { error: undefined });
    await audited(world, unit, transaction ?? { error: undefined });
  });

  test('it pauses: work waits, and goes on', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await db.count(mark);
    await pooler().admin('PAUSE');
    const before = world.proxy.seen.queries;
    const writing = db.mark(mark);
    await until(async () => {
      await world.rows(mark);
      return world.proxy.seen.queries > before;
    });
    await pooler().admin('RESUME');
    await writing;
    expect(await world.rows(mark)).toBe(1);
  });

  test('it pauses for longer than there is time: an error, and nothing is left over', async () => {
    const [db, mark] = [world.open({ clock: undefined }), world.mark()];
    await db.count(mark);
    await pooler().admin('PAUSE');
    const work = db.with({ timeout: 100, retries: 0 }).transaction((tx) => tx.mark(mark));
    const result = await settled(work);
    await pooler().admin('RESUME');
    expect(outcomeOf(result.error)).toMatch(/not-executed|rolled-back/);
    await audited(world, mark, result);
    expect(await db.count(mark)).toBe(0);
    expect(db.pool()).toMatchObject({ used: 0, waiting: 0 });
  });

  test('the server behind it loses all its sessions: the next works are done', async () => {
    const [db, mark] = [world.open(), world.mark()];
    await Promise.all([db.count(mark), db.count(mark)]);
    await world.cluster.primary.killBackends();
    await db.transaction((tx) => tx.mark(mark));
    expect(await db.count(mark)).toBe(1);
  });

  test('a deadline holds in its transaction, and stays behind nowhere', async () => {
    const db = world.open({ clock: undefined });
    const asserting = (on: Pick<Tx, 'raw'>, what: string): Promise<unknown> =>
      on.raw(`DO $$ BEGIN ASSERT current_setting('statement_timeout') ${what}; END $$`);
    const limited = db.with({ timeout: 60_000 });
    const many = Array.from({ length: 6 }, (_, nth) => nth);
    await Promise.all(many.map(() => limited.transaction((tx) => asserting(tx, "<> '0'"))));
    // On each of the pooler's own sessions.
    await Promise.all(many.map(() => asserting(db, "= '0'")));
  });

  test('a statement at work is left alone: behind a pooler nobody can be asked about it', () =>
    leftAlone(world));
}
