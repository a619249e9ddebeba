/** The contract for stale reads: from a replica, while the circuit of the primary is open, and where the caller allows it. */
import { outcomeOf } from '@carom/postgres';
import { expect, test } from '@jest/globals';
import type { Adapter } from './subject.js';
import { failure, type World } from './world.js';

export function staleReadContract(adapter: Adapter, world: World): void {
  test('reads go to the replica while the circuit is open; writes and transactions never do', async () => {
    const mark = world.mark();
    await world.cluster.primary.query('INSERT INTO marks (mark) VALUES ($1)', [mark]);
    const replica = adapter.replica(world.cluster.primary.config);
    const db = world.open({
      retries: 0,
      clock: undefined,
      cushion: {
        failures: 1,
        lastCalls: 1,
        whenOpen: 'reject',
        halfOpenAfter: 600_000,
        halfOpenMax: 600_000,
      },
      datasource: mark,
    });
    const stale = db.with({ readFrom: replica.client });
    world.proxy.refuse();
    try {
      // The circuit is closed yet: a stale answer is no answer.
      await failure(stale.count(mark));
      expect(await stale.count(mark)).toBe(1);
      for (const work of [
        db.count(mark),
        stale.mark(mark),
        stale.transaction((tx) => tx.count(mark)),
      ]) {
        const error = await failure(work);
        expect([error.code, outcomeOf(error)]).toEqual(['CAROM_CIRCUIT_OPEN', 'not-executed']);
      }
    } finally {
      await world.proxy.accept();
      await replica.close();
    }
    expect(await world.rows(mark)).toBe(1);
  });

  test('what is no client is named', () => {
    expect(() => world.open({ readFrom: 'replica' } as object)).toThrow(/`readFrom` is "replica"/);
  });
}
