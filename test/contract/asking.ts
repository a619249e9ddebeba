/** The contract for asking what became of a lost COMMIT: for how long, and by whom when it is too late for that. */

import { afterCommit, askLater, type OutcomeUnknownError, outcomeOf } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { levels } from './commits.js';
import { settled, until, type World } from './world.js';

export function askingContract(world: World): void {
  // Both wait in real time, for a server that is away: what stands between makes no difference.
  if (!world.pooled)
    describe.each(levels)('commit: %s', (commit) => patienceContract(world, commit));

  describe('unknown for now', () => {
    /** COMMIT is answered into the void, and nobody can be asked. */
    async function lost(commit: 'xid' | 'fence', mark: string, hook: () => void = () => {}) {
      const db = world.open({ commit, patience: 50, retries: 0 });
      await db.count(mark);
      const fault = world.proxy.inject({ kind: 'cut', when: 'after-answer', at: 'COMMIT' });
      const work = db.transaction(async (tx) => {
        afterCommit(hook);
        await tx.mark(mark);
        world.proxy.refuse();
      });
      const { error } = await settled(work);
      await fault.settled;
      await world.proxy.accept();
      return error as OutcomeUnknownError;
    }

    test.each(levels)(
      '%s: asking again later gives the answer, and runs the hooks',
      async (level) => {
        const mark = world.mark();
        let hooks = 0;
        const error = await lost(level, mark, () => {
          hooks += 1;
        });
        expect(error).toMatchObject({ code: 'CAROM_OUTCOME_UNKNOWN', phase: 'commit' });
        expect(outcomeOf(error)).toBe('unknown');
        expect(hooks).toBe(0);
        expect(await error.resolve()).toBe('committed');
        expect(await error.resolve()).toBe('committed');
        expect(hooks).toBe(1);
      },
    );

    test.each(levels)('%s: another process asks with the ticket as JSON', async (level) => {
      const error = await lost(level, world.mark());
      const ticket = JSON.stringify(error.ticket);
      expect(ticket).not.toContain(world.proxy.host);
      const connect = async (): Promise<never> => {
        const client = new pg.Client({ ...world.cluster.primary.config });
        await client.connect();
        return client as never;
      };
      expect(await askLater(ticket, connect)).toBe('committed');
    });
  });
}

/** How long it is asked for. */
function patienceContract(world: World, commit: (typeof levels)[number]): void {
  test("an attempt's clock runs out at COMMIT, and for long nobody can be asked: there once", async () => {
    const [db, mark] = [world.open({ commit, clock: undefined }), world.mark()];
    await db.count(mark);
    const { refused } = world.proxy.seen;
    const fault = world.proxy.inject({ kind: 'blackHole', when: 'after-server', at: 'COMMIT' });
    let isOver = false;
    const work = settled(
      db.with({ attemptTimeout: 300 }).transaction((tx) => tx.mark(mark)),
    ).finally(() => {
      isOver = true;
    });
    await fault.fired;
    world.proxy.refuse('rst');
    // So many questions take longer than an abandoned attempt may, and less than the shot's patience.
    await until(async () => {
      await world.rows(mark);
      return isOver || world.proxy.seen.refused - refused >= 10;
    });
    await world.proxy.accept();
    expect((await work).error).toBeUndefined();
    expect(await world.rows(mark)).toBe(1);
  });

  test("… but not for longer than the shot's own clock and its caller allow", async () => {
    const [db, mark] = [world.open({ commit, clock: undefined }), world.mark()];
    await db.count(mark);
    const caller = new AbortController();
    const { refused } = world.proxy.seen;
    const limits = [{ timeout: 1_500 }, { signal: caller.signal }];
    const works = limits.map(async (limit) => {
      const fault = world.proxy.inject({ kind: 'blackHole', when: 'after-server', at: 'COMMIT' });
      // Long enough to get as far as COMMIT on a busy machine.
      const options = { attemptTimeout: 1_000, patience: 3_600_000, ...limit };
      const work = settled(db.with(options).transaction((tx) => tx.mark(mark)));
      await Promise.race([fault.fired, work]);
      return await work;
    });
    await until(async () => (await world.rows(mark)) === 2);
    world.proxy.refuse('rst');
    await until(async () => {
      await world.rows(mark);
      return world.proxy.seen.refused - refused >= 4;
    });
    caller.abort(new Error('enough'));
    for (const { error } of await Promise.all(works)) expect(outcomeOf(error)).toBe('unknown');
    await world.proxy.accept();
  });
}
