/** The contract for connections: bad ones go, good ones stay, and after all of it nothing is left over. */
import { outcomeOf } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import { insertOfMarks } from './autocommit.js';
import { openLock } from './locks.js';
import type { Adapter } from './subject.js';
import { audited, barrier, failure, settled, until, type World, waitingForLock } from './world.js';

const selectOfMarks = { matches: /select .*marks/i };

/** Resolves once so many connections are open; each look is a round trip beside the proxy. */
function open(world: World, count: number): Promise<void> {
  return until(async () => {
    await world.rows('');
    return world.proxy.connections === count;
  });
}

export function hygieneContract(_adapter: Adapter, world: World): void {
  test('connections to a server that takes no writes any more are drained, once per incident', async () => {
    const [db, first, second] = [world.open(), world.mark(), world.mark()];
    const meet = barrier(4);
    // As those to a primary that was demoted are: all four refuse writes (25006), and new ones do not.
    const demoted = db.transaction.bind(db, async (tx) => {
      await tx.raw('SET default_transaction_read_only = on');
      await meet();
    });
    await Promise.all([demoted(), demoted(), demoted(), demoted()]);
    const before = world.proxy.seen.connections;
    const [began, end] = [barrier(2), barrier(2)];
    const busy = db.transaction(async (tx) => {
      await tx.count(first);
      await began();
      await end();
    });
    await began();
    const late = world.proxy.inject({ kind: 'stall', when: 'after-server', at: insertOfMarks });
    const writing = db.mark(first);
    await late.fired;
    await db.mark(second);
    expect(world.proxy.seen.connections - before).toBe(1);
    // The second to hear of the same incident finds the new connection, and leaves it alone.
    world.proxy.resume();
    await writing;
    expect(world.proxy.seen.connections - before).toBe(1);
    await open(world, 2);
    // The busy one is good enough for what it began, and goes when it is given back.
    await end();
    await busy;
    await open(world, 1);
    expect([await world.rows(first), await world.rows(second)]).toEqual([1, 1]);
  });

  test.each(['by itself', 'in a transaction'])(
    'a connection on which the driver’s query_timeout ran out %s is lent to nobody',
    async (where) => {
      const db = world.open({ retries: 0 }, { queryTimeout: 200 });
      await db.count('warm');
      const { connections } = world.proxy.seen;
      const sleep = 'SELECT pg_sleep(2)';
      const work = where === 'by itself' ? db.raw(sleep) : db.transaction((tx) => tx.raw(sleep));
      expect((await settled(work)).error).toBeDefined();
      // Lent again, it would answer this with the end of the sleep, or after it.
      expect(await db.count('warm')).toBe(0);
      expect(world.proxy.seen.connections - connections).toBeGreaterThanOrEqual(1);
      await open(world, 1);
    },
  );

  test('a pool without a limit of its own: a connection that comes to nothing is an error, and leaves nothing', async () => {
    const db = world.open({ connectPatience: 100, retries: 1 }, { unlimited: true, max: 1 });
    world.proxy.blackHole(true);
    try {
      for (let shot = 0; shot < 2; shot++) {
        expect(outcomeOf(await failure(db.mark(world.mark())))).toBe('not-executed');
      }
    } finally {
      world.proxy.blackHole(false);
    }
    // One that came too late is the pool's, and free; nothing else is open.
    await until(async () => {
      await world.rows('');
      const { used, free } = db.pool();
      return used === 0 && world.proxy.connections === free;
    });
    // A connection may take longer than its patience to make.
    await until(async () => (await settled(db.count('x'))).error === undefined);
    expect(db.pool()).toMatchObject({ used: 0, free: 1, waiting: 0 });
  });

  describe.each(['before', 'after-server'] as const)('the way falls silent (%s)', (when) => {
    const silence = 100;

    test('a read is played again on another connection', async () => {
      const db = world.open({ silence });
      await db.count('x');
      world.proxy.inject({ kind: 'blackHole', when, at: selectOfMarks });
      expect(await db.count('x')).toBe(0);
      expect(db.pool()).toMatchObject({ used: 0, free: 1, waiting: 0 });
    });

    test('a write is unknown', async () => {
      const [db, mark] = [world.open({ silence }), world.mark()];
      await db.count(mark);
      world.proxy.inject({ kind: 'blackHole', when, at: insertOfMarks });
      const result = await settled(db.mark(mark));
      expect(outcomeOf(result.error)).toBe('unknown');
      await audited(world, mark, result);
    });

    test('a transaction is played again', async () => {
      const [db, mark] = [world.open({ silence }), world.mark()];
      await db.count(mark);
      world.proxy.inject({ kind: 'blackHole', when, at: insertOfMarks });
      await db.transaction((tx) => tx.mark(mark));
      expect(await world.rows(mark)).toBe(1);
    });
  });

  test('a process thaws, and all its connections have died meanwhile: the next works are done', async () => {
    const [db, mark, meet] = [world.open(), world.mark(), barrier(4)];
    const warm = () => db.transaction((tx) => tx.count(mark).then(meet));
    await Promise.all([warm(), warm(), warm(), warm()]);
    // In this very turn, so that nothing was heard of it yet.
    world.proxy.cutAll('rst');
    await Promise.all([db.count(mark), db.transaction((tx) => tx.mark(mark)), db.count(mark)]);
    expect(await world.rows(mark)).toBe(1);
  });

  test('it thaws, and none of them says so: one is found silent, and the others go with it', async () => {
    const [db, mark, meet] = [world.open({ silence: 100 }), world.mark(), barrier(4)];
    const warm = () => db.transaction((tx) => tx.count(mark).then(meet));
    await Promise.all([warm(), warm(), warm(), warm()]);
    world.proxy.inject({ kind: 'blackHole', at: selectOfMarks });
    expect(await db.count(mark)).toBe(0);
    expect(db.pool()).toMatchObject({ used: 0, free: 1 });
  });

  test('the way falls silent, and nobody can be asked: an error in bounded time', async () => {
    const db = world.open({ silence: 100, retries: 0 });
    await db.count('x');
    const hole = world.proxy.inject({ kind: 'blackHole', at: selectOfMarks });
    const work = settled(db.count('x'));
    await hole.fired;
    world.proxy.refuse();
    expect((await work).error).toBeInstanceOf(Error);
    await world.proxy.accept();
  });

  // Three looks, each on a connection of its own, find it at work.
  test('a statement that its server is at work on may take as long as it takes', () =>
    leftAlone(world));

  test('nothing is left over after a hundred shots, good and bad', async () => {
    const [db, mark] = [world.open(), world.mark()];
    const rounds = async (): Promise<void> => {
      for (let shot = 0; shot < 50; shot++) {
        const caller = new AbortController();
        await Promise.all([
          db.with({ signal: caller.signal }).count(mark),
          db.transaction((tx) => tx.count(mark)),
          failure(db.raw('SELECT 1 / 0')),
        ]);
      }
    };
    await db.count(mark);
    await rounds();
    const before = { ...db.pool(), open: world.proxy.connections };
    await rounds();
    expect({ ...db.pool(), open: world.proxy.connections }).toEqual(before);
    expect(before).toMatchObject({ used: 0, waiting: 0 });
  });
}

/** Looks three times whether a statement that waits for a lock is still at work, and then lets it go on. */
export async function leftAlone(world: World): Promise<void> {
  const [db, mark] = [world.open({ silence: 20 }), world.mark()];
  await db.count(mark);
  const lock = await openLock(world);
  const writing = db.mark(mark);
  await waitingForLock(world, 1);
  const { connections } = world.proxy.seen;
  await until(async () => {
    await world.cluster.primary.query('SELECT 1');
    return world.proxy.seen.connections - connections >= 3;
  });
  await lock.release();
  await writing;
  expect(await world.rows(mark)).toBe(1);
}
