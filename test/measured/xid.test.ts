/** Measured: after a crash or a promotion a transaction id means another transaction, and only its incarnation shows that. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { XidTicket } from '@carom/postgres';
import { expect, test } from '@jest/globals';
import { copyData, folderOf } from './folders.js';
import { onEachVersion } from './versions.js';
import { crash, createWorld, type World } from './world.js';

/** Commits transactions until one has been given this id; false when the server is past it. */
async function reuse(world: World, xid: string): Promise<boolean> {
  for (;;) {
    const [row] = await world.ask<{ id: string }>(
      "INSERT INTO marks VALUES ('somebody else') RETURNING pg_current_xact_id()::text AS id",
    );
    if (row?.id === xid) return true;
    if (BigInt(row?.id ?? 0) > BigInt(xid)) return false;
  }
}

const statusOf = async (world: World, xid: string): Promise<string | undefined> =>
  (await world.ask<{ status: string }>('SELECT pg_xact_status($1::xid8) AS status', [xid]))[0]
    ?.status;

onEachVersion((version) => {
  const world = createWorld(version);

  test('xid reuse: after a crash the id is given again, and committed, and the resolver does not believe it', async () => {
    let ticket: XidTicket | undefined;
    // Whether the log with its id in it had reached the disk is not ours to say.
    for (let tries = 1; tries <= 10; tries++) {
      const original = await world.begin({ mark: 'lost in the crash' });
      ticket = (await original.ticket()) as XidTicket;
      await crash(world.primary, original.pid);
      if (await reuse(world, ticket.xid)) break;
      ticket = undefined;
    }
    if (ticket === undefined) throw new Error('no transaction id was ever given again');
    expect(await statusOf(world, ticket.xid)).toBe('committed');
    expect(await world.rows('lost in the crash')).toBe(0);
    expect(await world.settle(ticket)).toBe('unknown');
    expect(await world.later(ticket)).toBe('unknown');
  });

  test('an id that the server has never given is unknown, not rolled back', async () => {
    const original = await world.begin({ mark: 'one' });
    const ticket = (await original.ticket()) as XidTicket;
    await original.commit();
    const beyond = { ...ticket, xid: `${BigInt(ticket.xid) + 1_000n}` };
    expect(await world.look(beyond)).toMatchObject({ outcome: 'unknown' });
  });

  test('the ticket of another database cluster means nothing here', async () => {
    const original = await world.begin({ mark: 'one' });
    const ticket = (await original.ticket()) as XidTicket;
    await original.commit();
    const elsewhere = { ...ticket, incarnation: { ...ticket.incarnation, system: '1' } };
    expect(await world.look(elsewhere)).toMatchObject({ outcome: 'unknown' });
  });

  test('the restored data copy: all but the start of the postmaster is the same, and a ticket is not believed', async () => {
    const folder = await folderOf(world);
    const copy = join(folder, '..', 'copy');
    await world.primary.stop();
    await copyData(folder, copy);
    await world.primary.start();
    const original = await world.begin({ mark: 'undone' });
    const ticket = (await original.ticket()) as XidTicket;
    await original.send('ROLLBACK');
    await world.primary.stop();
    await rm(folder, { recursive: true });
    await copyData(copy, folder);
    await rm(copy, { recursive: true });
    await world.primary.start();
    expect(await reuse(world, ticket.xid)).toBe(true);
    const another = (await (await world.begin({ mark: 'another' })).ticket()) as XidTicket;
    const { started, ...rest } = ticket.incarnation;
    expect(another.incarnation).toMatchObject(rest);
    expect(another.incarnation.started).not.toBe(started);
    expect(await world.rows('undone')).toBe(0);
    expect(await world.later(ticket)).toBe('unknown');
  });

  test('a ticket is believed while the postmaster is the same, and not after a clean restart', async () => {
    const original = await world.begin({ mark: 'one' });
    const ticket = await original.ticket();
    await original.commit();
    expect(await world.later(ticket)).toBe('committed');
    await world.primary.restart();
    expect(await world.later(ticket)).toBe('unknown');
    expect(await world.settle(ticket)).toBe('committed');
  });
});

onEachVersion((version) => {
  const world = createWorld(version, { standby: 'async' });

  test('the diverged asynchronous standby: promoted without the COMMIT, it gives the id to another', async () => {
    const { primary, standby } = world.cluster;
    // As a copy of a stopped primary it has every stamp of it: only the timeline tells them apart.
    const [from, to] = [await folderOf(world), join(await folderOf(world), '..', standby.name)];
    await standby.stop();
    await primary.stop();
    await rm(to, { recursive: true });
    await copyData(from, to);
    const signal = join(to, 'standby.signal');
    await copyData(join(from, 'PG_VERSION'), signal);
    await writeFile(signal, '');
    await primary.start();
    await standby.start();
    await world.cluster.caughtUp();
    await standby.stop();

    const original = await world.begin({ mark: 'on the former primary alone' });
    const ticket = (await original.ticket()) as XidTicket;
    await original.commit();
    await primary.stop('immediate');
    await standby.start();
    await standby.promote();
    expect(await reuse(world, ticket.xid)).toBe(true);
    const another = (await (await world.begin({ mark: 'another' })).ticket()) as XidTicket;
    const { system, stamps } = ticket.incarnation;
    expect(another.incarnation).toMatchObject({ system, stamps, timeline: '00000002' });
    expect(await statusOf(world, ticket.xid)).toBe('committed');
    expect(await world.rows('on the former primary alone')).toBe(0);
    expect(await world.look(ticket)).toEqual({
      outcome: 'unknown',
      reason: 'another server has been promoted since',
    });
  });

  test('a standby that is not promoted yet is asked again, and settles nothing', async () => {
    await world.cluster.rejoin();
    const original = await world.begin({ mark: 'one' });
    const ticket = await original.ticket();
    await original.commit();
    await world.cluster.caughtUp();
    const { host, port } = world.cluster.standby;
    expect(await world.look(ticket, { host, port })).toBe('waiting');
  });
});
