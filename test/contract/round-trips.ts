/** The contract for what it costs: round trips between client and server, counted by the proxy, with Carom and without. */
import { afterEach, expect, test } from '@jest/globals';
import type { Adapter, Subject } from './subject.js';
import type { World } from './world.js';

type Plain = ReturnType<Adapter['plain']>;

export function roundTripContract(adapter: Adapter, world: World): void {
  let plain: Plain | undefined;
  afterEach(async () => {
    world.proxy.delay(0);
    await plain?.close();
    plain = undefined;
  });
  const openPlain = (): Plain => {
    const config = { ...world.cluster.primary.config };
    plain = adapter.plain({ ...config, host: world.proxy.host, port: world.proxy.port });
    return plain;
  };

  /** What goes in one flight arrives before the answer to its first part: the answer is slow. */
  async function tripsOf(work: () => Promise<unknown>): Promise<number> {
    world.proxy.delay({ toClient: 20 });
    const before = world.proxy.seen.roundTrips;
    await work();
    return world.proxy.seen.roundTrips - before;
  }

  const transaction = (db: Pick<Subject, 'transaction'>) => (): Promise<unknown> =>
    db.transaction((tx) => tx.mark(world.mark()));

  test.each(['xid', 'fence', 'none'] as const)(
    'commit: %s, a transaction with one write: none beside those of the plain client',
    async (commit) => {
      const [bare, db] = [openPlain(), world.open({ commit })];
      const begun = await tripsOf(transaction(bare));
      // The first transaction on a connection, too: what there is to learn rides with its BEGIN.
      expect(await tripsOf(transaction(db))).toBe(begun);
      const usual = await tripsOf(transaction(bare));
      expect(usual).toBe(3);
      expect(await tripsOf(transaction(db))).toBe(usual);
    },
  );

  test('an isolation level takes none either', async () => {
    const db = world.open();
    const serialize = () => db.transaction((tx) => tx.mark(world.mark()), { serializable: true });
    await serialize();
    expect(await tripsOf(serialize)).toBe(3);
  });

  test('a single write exactly once takes three, a plain one one', async () => {
    const db = world.open();
    await db.mark(world.mark());
    await db.transaction((tx) => tx.mark(world.mark()));
    const settling = db.with({ exactlyOnce: true });
    expect(await tripsOf(() => db.mark(world.mark()))).toBe(1);
    expect(await tripsOf(() => settling.mark(world.mark()))).toBe(3);
  });
}
