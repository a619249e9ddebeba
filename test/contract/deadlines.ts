/** The contract for deadlines: the time of a transaction is known to the server too, and costs no round trip. */
import { ManualClock } from '@carom/core/testing';
import { explain, outcomeOf } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import type { Adapter, Tx } from './subject.js';
import { failure, type World } from './world.js';

/** Leaves a setting of the transaction in the table, where every adapter's test can read it. */
const note = (tx: Pick<Tx, 'raw'>, mark: string, name: string): Promise<unknown> =>
  tx.raw(
    `INSERT INTO marks (mark) SELECT '${mark} ' || setting FROM pg_settings WHERE name = '${name}'`,
  );

export function deadlineContract(_adapter: Adapter, world: World): void {
  const noted = async (mark: string): Promise<string[]> =>
    (await world.marks())
      .filter((it) => it.startsWith(mark))
      .map((it) => it.slice(mark.length + 1));

  /** Whoever writes a mark meanwhile notes the setting with it. */
  async function noting(name: string, work: () => Promise<unknown>): Promise<void> {
    const { primary } = world.cluster;
    await primary.query(`CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      SELECT NEW.mark || ' ' || setting INTO NEW.mark FROM pg_settings WHERE name = '${name}';
      RETURN NEW; END $$`);
    await primary.query(
      'CREATE TRIGGER note BEFORE INSERT ON marks FOR EACH ROW EXECUTE FUNCTION note()',
    );
    try {
      await work();
    } finally {
      await primary.query('DROP FUNCTION note CASCADE');
    }
  }

  describe.each(['statement_timeout', 'idle_in_transaction_session_timeout'])('%s', (name) => {
    test('is the time that is left, in each transaction, and nowhere else', async () => {
      const [db, mark] = [world.open({ clock: new ManualClock() }, { max: 1 }), world.mark()];
      await db.with({ timeout: 9_000 }).transaction((tx) => note(tx, mark, name));
      await db.transaction((tx) => note(tx, mark, name));
      await db
        .with({ timeout: 9_000, attemptTimeout: 3_000 })
        .transaction((tx) => note(tx, mark, name));
      // Half a second more than the clock on this side has, which comes first.
      expect((await noted(mark)).map(Number)).toEqual([9_500, 0, 3_500]);
    });

    test("never contradicts a smaller one of the user's own, and shortens a longer one", async () => {
      const [db, mark] = [world.open({ clock: new ManualClock() }, { max: 1 }), world.mark()];
      await db.raw(`SET ${name} = 4000`);
      const limited = db.with({ timeout: 9_000 });
      await limited.transaction((tx) => note(tx, mark, name));
      await db.with({ timeout: 1_000 }).transaction((tx) => note(tx, mark, name));
      expect((await noted(mark)).map(Number)).toEqual([4_000, 1_500]);
    });

    test.each(['xid', 'fence', 'none'] as const)('commit: %s, all the same', async (commit) => {
      const [db, mark] = [world.open({ clock: new ManualClock(), commit }), world.mark()];
      await db.with({ timeout: 9_000 }).transaction((tx) => note(tx, mark, name));
      expect(await noted(mark)).toEqual(['9500']);
    });

    test('with an isolation level of its own', async () => {
      const [db, mark] = [world.open({ clock: new ManualClock() }), world.mark()];
      await db
        .with({ timeout: 9_000 })
        .transaction((tx) => note(tx, mark, name), { serializable: true });
      expect(await noted(mark)).toEqual(['9500']);
    });

    test('for a single write that is run as a transaction, and for no other', async () => {
      const [db, mark] = [world.open({ clock: new ManualClock() }, { max: 1 }), world.mark()];
      await note(db.with({ timeout: 9_000, exactlyOnce: true }), mark, name);
      await note(db.with({ timeout: 9_000 }), mark, name);
      expect(await noted(mark)).toEqual(['9500', '0']);
    });

    test.each([
      ['a batch', 'batch'],
      ['a nested write', 'nested'],
    ] as const)('for %s, where the library has that', async (_what, unit) => {
      const [db, mark] = [world.open({ clock: new ManualClock() }), world.mark()];
      const { batch, nested } = db.with({ timeout: 9_000 });
      const write =
        unit === 'batch' ? batch && (() => batch([mark, mark])) : nested && (() => nested(mark));
      if (write === undefined) return;
      await noting(name, write);
      expect(new Set(await noted(mark))).toEqual(new Set(['9500']));
    });
  });

  test.each([
    ['', {}],
    [', where it is READ ONLY too', { readOnly: true }],
  ])('what the server ends by it is rolled back, and its time is over%s', async (_, options) => {
    // This side's clock stands still: only the server's runs.
    const db = world.open({ clock: new ManualClock(), retries: 0 });
    const limited = db.with({ timeout: 1 });
    const error = await failure(
      limited.transaction((tx) => tx.raw('SELECT pg_sleep(60)'), options),
    );
    expect(outcomeOf(error)).toBe('rolled-back');
    expect(explain(error)?.verdict).toMatchObject({
      code: '57014',
      kind: 'outage',
      reason: 'the time of the attempt was over',
    });
  });

  test("a smaller one of the user's own is the user's own", async () => {
    const db = world.open({ clock: new ManualClock() }, { max: 1 });
    await db.raw('SET statement_timeout = 10');
    const work = db.with({ timeout: 9_000 }).transaction((tx) => tx.raw('SELECT pg_sleep(60)'));
    expect(explain(await failure(work))?.verdict.kind).toBe('permanent');
  });

  test('costs a round trip on each connection, and none in each transaction', async () => {
    const db = world.open({ clock: new ManualClock() }, { max: 1 });
    const sent = async (options: { timeout?: number }): Promise<number> => {
      const before = world.proxy.seen.queries;
      await db.with(options).transaction((tx) => tx.count('x'));
      return world.proxy.seen.queries - before;
    };
    await sent({});
    const plain = await sent({});
    expect([await sent({ timeout: 9_000 }), await sent({ timeout: 9_000 })]).toEqual([
      plain + 1,
      plain,
    ]);
  });
}
