/** The contract for a pool whose places are all at work: who waits for one in vain has learnt nothing about the server. */
import { ManualClock } from '@carom/core/testing';
import { cushions, explain, outcomeOf } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import type { Adapter, Subject } from './subject.js';
import { barrier, failure, settled, until, type World } from './world.js';

/** The works that a client may wait with. */
const works: readonly (readonly [string, (db: Subject, mark: string) => Promise<unknown>])[] = [
  ['a write', (db, mark) => db.mark(mark)],
  ['a read', (db, mark) => db.count(mark)],
  ['a look for one row', (db) => db.find(1)],
  ['raw SQL', (db) => db.raw('SELECT 1')],
  ['a transaction', (db, mark) => db.transaction((tx) => tx.mark(mark))],
  ['a batch', (db, mark) => db.batch?.([mark, mark]) ?? db.mark(mark)],
  ['a nested write', (db, mark) => db.nested?.(mark) ?? db.mark(mark)],
];

/** Holds a connection until it is told to end. */
async function holdOne(db: Subject): Promise<{ end(): Promise<void> }> {
  const [began, over] = [barrier(2), barrier(2)];
  const busy = db.transaction(async (tx) => {
    await tx.count('x');
    await began();
    await over();
  });
  await began();
  return {
    async end() {
      await over();
      await busy;
    },
  };
}

export function busyPoolContract({ name }: Adapter, world: World): void {
  describe.each([
    ['of the client', { connectPatience: 100 }, {}],
    ['of the call, although the pool waits for longer', {}, { connectPatience: 100 }],
  ])('a pool whose places are all taken: patience %s', (_, ofClient, ofCall) => {
    const isOfCall = 'connectPatience' in ofCall;
    test.each(works)(
      '%s is an error in time, and the place goes to the next',
      async (_what, work) => {
        const db = world.open({ ...ofClient, retries: 0 }, { unlimited: !isOfCall, max: 1 });
        // A connection may take longer than that to make.
        await until(async () => (await settled(db.count('x'))).error === undefined);
        const busy = await holdOne(db);
        const error = await failure(work(db.with(ofCall), world.mark()));
        // That of the client is the pool's own from then on, so that either may be the one to end it.
        if (isOfCall) expect(error).toMatchObject({ code: 'CAROM_POOL_TIMEOUT' });
        expect([outcomeOf(error), explain(error)?.verdict.kind]).toEqual([
          'not-executed',
          'overload',
        ]);
        await busy.end();
        await until(async () => (await db.count('x')) === 0 && db.pool().used === 0);
        expect(db.pool()).toMatchObject({ used: 0, free: 1, waiting: 0 });
      },
    );
  });

  describe.each([
    ['timeout', { timeout: 1_000 }],
    ['attemptTimeout', { attemptTimeout: 1_000, patience: 1_000 }],
  ] as const)('the %s of a shot runs out there', (_limit, limits) => {
    // Prisma gathers looks for one row, and asks for the connection on nobody's account.
    const known = works.filter(([what]) => name !== 'prisma' || what !== 'a look for one row');
    test.each(known)('%s: an overload, and the circuit stays closed', async (_what, work) => {
      const clock = new ManualClock();
      const cushion = { failures: 1, lastCalls: 10 } as const;
      const db = world.open({ clock, retries: 0, cushion }, { max: 1 });
      await db.count('x');
      const busy = await holdOne(db);
      const waiting = settled(work(db.with(limits), world.mark()));
      // As far as it comes without the connection.
      for (let turn = 0; turn < 5; turn++) await world.rows('');
      // The patience for what is not counted begins with the first failure.
      await clock.advance(3_000);
      const { error } = await waiting;
      const states = cushions().map(({ state }) => state);
      // Before anything can fail: a client that has lent a connection does not close.
      await busy.end();
      expect(error).toMatchObject({ code: 'CAROM_TIMEOUT' });
      expect([outcomeOf(error), explain(error)?.verdict.kind, states]).toEqual([
        'not-executed',
        'overload',
        ['closed'],
      ]);
      await until(async () => (await db.count('x')) === 0 && db.pool().used === 0);
      expect(db.pool()).toMatchObject({ used: 0, free: 1, waiting: 0 });
    });
  });

  test.each([
    ['timeout', { timeout: 1_000 }],
    ['attemptTimeout', { attemptTimeout: 1_000 }],
    ['signal', {}],
  ])('a callback that never ends gives its place back: %s', async (_what, limits) => {
    // Prisma's own `timeout` ends its transactions, and gives their places back.
    if (name === 'prisma') return;
    const clock = new ManualClock();
    const db = world.open({ clock, retries: 0 }, { max: 1 });
    await db.count('x');
    const caller = new AbortController();
    const began = barrier(2);
    const work = settled(
      db.with({ ...limits, signal: caller.signal }).transaction(async (tx) => {
        await tx.count('x');
        await began();
        await new Promise(() => {});
      }),
    );
    await began();
    if (Object.keys(limits).length === 0) caller.abort(new Error('enough'));
    await clock.advance(1_000);
    expect((await work).error).toBeDefined();
    expect(await db.count('x')).toBe(0);
    expect(db.pool()).toMatchObject({ used: 0, free: 1, waiting: 0 });
  });
}
