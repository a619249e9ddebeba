/** Measured: what tells one life of a server from the next, and what a transaction id means without it. */
import type { XidTicket } from '@carom/postgres';
import { expect, test } from '@jest/globals';
import { onEachVersion } from './versions.js';
import { crash, createWorld, type World } from './world.js';

/** A stamp of each kind of statistics, by its name. */
type Stamps = Readonly<Record<string, string>>;

/** Those that a version has. */
const names = (major: number): readonly string[] =>
  major >= 17 ? ['archiver', 'bgwriter', 'checkpointer', 'wal'] : ['archiver', 'bgwriter', 'wal'];

/** The ticket of a transaction that is committed. */
async function committed(world: World, mark: string): Promise<XidTicket> {
  const original = await world.begin({ mark });
  const ticket = (await original.ticket()) as XidTicket;
  await original.commit();
  return ticket;
}

/** The stamps as a ticket holds them; the first connection does not know the version yet. */
async function stampsOf(world: World): Promise<Stamps> {
  await committed(world, 'first');
  return (await committed(world, 'second')).incarnation.stamps;
}

onEachVersion((version) => {
  const world = createWorld(version);
  const { major } = version;

  test('the stamps, read without their views, are those that the views show', async () => {
    // One after the other, so that no two are the same.
    for (const name of names(major)) await world.ask('SELECT pg_stat_reset_shared($1)', [name]);
    const shown = names(major).map(
      (name) => `SELECT '${name}' AS name, extract(epoch FROM stats_reset)::text AS at
        FROM pg_stat_${name}`,
    );
    const rows = await world.ask<{ name: string; at: string }>(shown.join(' UNION ALL '));
    expect(new Set(rows.map(({ at }) => at)).size).toBe(names(major).length);
    const stamps = Object.fromEntries(rows.map(({ name, at }) => [name, at]));
    expect(await stampsOf(world)).toEqual(stamps);
  });

  test('a crash changes every stamp, and neither the postmaster nor the system', async () => {
    const before = await committed(world, 'first');
    const stamps = await stampsOf(world);
    expect(Object.keys(stamps).sort()).toEqual(names(major));
    const victim = await world.begin();
    await crash(world.primary, victim.pid);
    const after = await committed(world, 'after');
    const again = await stampsOf(world);
    for (const [name, at] of Object.entries(stamps))
      expect([name, again[name]]).not.toEqual([name, at]);
    expect(after.incarnation.started).toBe(before.incarnation.started);
    expect(after.incarnation.system).toBe(before.incarnation.system);
    expect(await world.look(before)).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringContaining('has crashed'),
    });
  });

  test('an immediate stop is a crash', async () => {
    const before = await committed(world, 'before');
    const stamps = await stampsOf(world);
    await world.primary.restart({ mode: 'immediate' });
    const again = await stampsOf(world);
    for (const [name, at] of Object.entries(stamps))
      expect([name, again[name]]).not.toEqual([name, at]);
    expect(await world.settle(before)).toBe('unknown');
  });

  test('a clean restart keeps every stamp, and what was committed before it is known', async () => {
    const before = await committed(world, 'before');
    const stamps = await stampsOf(world);
    await world.primary.restart();
    expect(await stampsOf(world)).toEqual(stamps);
    expect(await world.settle(before)).toBe('committed');
  });

  test('a checkpoint keeps every stamp', async () => {
    const stamps = await stampsOf(world);
    await world.ask('CHECKPOINT');
    expect(await stampsOf(world)).toEqual(stamps);
  });

  test('one stamp that is left is enough, whichever somebody has reset', async () => {
    for (const kept of names(major)) {
      await committed(world, 'first');
      const before = await committed(world, kept);
      for (const name of names(major)) {
        if (name !== kept) await world.ask('SELECT pg_stat_reset_shared($1)', [name]);
      }
      expect([kept, await world.settle(before)]).toEqual([kept, 'committed']);
    }
  });

  test('when somebody has reset them all nobody can say whether there was a crash', async () => {
    await committed(world, 'first');
    const before = await committed(world, 'before');
    for (const name of names(major)) await world.ask('SELECT pg_stat_reset_shared($1)', [name]);
    expect(await world.settle(before)).toBe('unknown');
  });

  test('a stamp that somebody has reset does not hide a crash', async () => {
    const before = await committed(world, 'before');
    await world.ask("SELECT pg_stat_reset_shared('bgwriter')");
    const victim = await world.begin();
    await crash(world.primary, victim.pid);
    await world.ask("SELECT pg_stat_reset_shared('bgwriter')");
    expect(await world.settle(before)).toBe('unknown');
  });
});
