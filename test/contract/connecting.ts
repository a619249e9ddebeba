/** The contract for connecting: whatever happens to the server, it is not asked for connections by everybody at once. */
import type { Clock } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { cushions, explain, health, outcomeOf } from '@carom/postgres';
import { expect, test } from '@jest/globals';
import { eventually } from './parking.js';
import type { Adapter, Subject } from './subject.js';
import { barrier, settled, until, type World } from './world.js';

const circuit = () => cushions()[0];

export function connectingContract(adapter: Adapter, world: World): void {
  test('the server goes while many wait for a connection: they are called back, and do not each ask for one', async () => {
    const cushion = { failures: 4, lastCalls: 10 } as const;
    const db = world.open({ clock: undefined, patience: 60_000, cushion });
    const [began, end] = [barrier(5), barrier(5)];
    const busy = Array.from({ length: 4 }, () =>
      settled(
        db.transaction(async (tx) => {
          await began();
          await end();
          await tx.count('x');
        }),
      ),
    );
    await began();
    const waiting = Array.from({ length: 40 }, () => settled(db.count('x')));
    const before = world.proxy.seen.connections;
    world.proxy.refuse('rst');
    world.proxy.cutAll('rst');
    void end();
    await eventually(() => circuit()?.parked === 44);
    // The four that lost theirs, and the prober's.
    expect(world.proxy.seen.connections - before).toBeLessThan(20);
    await world.proxy.accept();
    const ends = await Promise.all([...waiting, ...busy]);
    expect(ends.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  test('a client that is wrapped for each request waits in one room, and its pool is asked for no more than it has', async () => {
    const db = world.open({ clock: undefined });
    await db.count('x');
    let [open, queued] = [40, 0];
    const work = Array.from({ length: open }, async () => {
      await db.again().count('x');
      open -= 1;
    });
    while (open > 0) {
      queued = Math.max(queued, db.pool().waiting);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(work);
    // Pools queue who asks for a connection that is free, for a turn.
    expect(queued).toBeLessThanOrEqual(4);
  });

  describeFull(adapter, world);

  if (adapter.name === 'prisma') return;

  test('a shot that begins on a closed client while the circuit is open does not wait', async () => {
    const others = world.open({ clock: undefined });
    const { host, port } = world.proxy;
    const mine = adapter.open({ ...world.cluster.primary.config, host, port });
    await mine.close();
    world.proxy.refuse('rst');
    const impatient = others.with({ retries: 0, patience: 0 });
    await until(async () => {
      await settled(impatient.count('x'));
      return circuit()?.state === 'open';
    });
    for (const work of [mine.count('x'), mine.transaction((tx) => tx.count('x'))]) {
      expect((await settled(work)).error).toMatchObject({ code: 'CAROM_CLOSED' });
    }
    await world.proxy.accept();
    expect(await others.count('x')).toBe(0);
  });
}

/** A server that gives out no more connections, to one role. */
function describeFull(adapter: Adapter, world: World): void {
  const user = `crowd_${adapter.name}`;
  const admin = (sql: string) => world.cluster.primary.query(sql);
  const limit = (connections: number) =>
    admin(`ALTER ROLE ${user} CONNECTION LIMIT ${connections}`);

  async function withCrowd(play: (db: Subject) => Promise<void>, clock?: Clock): Promise<void> {
    await admin(`CREATE ROLE ${user} LOGIN PASSWORD 'crowd'`);
    await admin(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${user}`);
    const { host, port } = world.proxy;
    const config = { ...world.cluster.primary.config, host, port, user, password: 'crowd' };
    const db = adapter.open(config, { patience: 60_000, retries: 0, datasource: user, clock });
    try {
      await play(db);
    } finally {
      await db.close();
      await admin(`DROP OWNED BY ${user}`);
      await admin(`DROP ROLE ${user}`);
    }
  }

  test('a full server: the connections that there are serve all, and hardly anybody asks for more', () => {
    // It stands still: how many are tried later, one per pause, is a matter of how long all this takes.
    const clock = new ManualClock();
    return withCrowd(async (db) => {
      await db.count('x');
      await limit(0);
      const before = world.proxy.seen.connections;
      const ends = await Promise.all(
        Array.from({ length: 40 }, (_, nth) =>
          settled(nth % 2 === 0 ? db.count('x') : db.transaction((tx) => tx.count('x'))),
        ),
      );
      expect(ends.filter(({ error }) => error !== undefined)).toEqual([]);
      // The pool may have four, and has one. Who asks late may find it free again.
      expect(world.proxy.seen.connections - before).toBeLessThanOrEqual(3);
    }, clock);
  });

  test('a full server that has none left for us: all wait, one tries, and all are served when there is room', () =>
    withCrowd(async (db) => {
      await limit(0);
      const before = world.proxy.seen.connections;
      const work = Array.from({ length: 40 }, () => settled(db.count('x')));
      await eventually(() => world.proxy.seen.connections - before >= 6);
      expect(health()).toMatchObject([{ datasource: user, status: 'degraded' }]);
      expect(circuit()).toMatchObject({ state: 'closed', parked: 0 });
      const impatient = await settled(db.with({ patience: 50 }).count('x'));
      expect(outcomeOf(impatient.error)).toBe('not-executed');
      expect(explain(impatient.error)?.verdict.kind).toBe('overload');
      await limit(-1);
      expect((await Promise.all(work)).filter(({ error }) => error !== undefined)).toEqual([]);
      // Four at once, one at a time, and the pool's own four.
      expect(world.proxy.seen.connections - before).toBeLessThan(25);
      await db.count('x');
      expect(health()).toMatchObject([{ datasource: user, status: 'up' }]);
    }));
}
