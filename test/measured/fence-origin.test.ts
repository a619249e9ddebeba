/** Measured: whom a fence can be asked of. The token is missing in each database that never had it, and that says nothing about the original. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commitTokensSql, type FenceTicket } from '@carom/postgres';
import { afterEach, expect, test } from '@jest/globals';
import { copyData, folderOf } from './folders.js';
import { onEachVersion } from './versions.js';
import { crash, createWorld, type Original, type World } from './world.js';

/** What was committed, and what can never be. */
async function both(world: World) {
  const done = await world.begin({ level: 'fence', mark: 'done' });
  const doneTicket = (await done.ticket()) as FenceTicket;
  const undone = await world.begin({ level: 'fence', mark: 'undone' });
  const undoneTicket = (await undone.ticket()) as FenceTicket;
  // After both tokens: what is in the log of a commit is in it for all that came before.
  await done.commit();
  return { undone, doneTicket, undoneTicket };
}

const tokens = async (world: World, { token }: FenceTicket): Promise<number> =>
  (await world.ask('SELECT FROM carom.commit_tokens WHERE token = $1', [token])).length;

async function committed(world: World): Promise<FenceTicket> {
  const original = await world.begin({ level: 'fence', mark: 'one' });
  const ticket = (await original.ticket()) as FenceTicket;
  await original.commit();
  return ticket;
}

onEachVersion((version) => {
  const world = createWorld(version);

  test('another database of the same server knows nothing of the token', async () => {
    const ticket = await committed(world);
    await world.ask('CREATE DATABASE other');
    const other = await world.connect({ database: 'other' });
    await other.query(commitTokensSql);
    expect(await world.look(ticket, { database: 'other' })).toMatchObject({
      outcome: 'unknown',
      reason: 'it is another database',
    });
    expect((await other.query('SELECT FROM carom.commit_tokens')).rowCount).toBe(0);
    expect(await world.settle(ticket)).toBe('committed');
  });

  test('another database cluster knows nothing of the token', async () => {
    const ticket = await committed(world);
    const origin = { ...ticket.origin, system: '1' } as FenceTicket['origin'];
    expect(await world.look({ ...ticket, origin })).toMatchObject({
      outcome: 'unknown',
      reason: 'it is another database cluster',
    });
  });

  test('a ticket that does not say where its token is says nothing to another process', async () => {
    const { origin: _, ...old } = await committed(world);
    expect(await world.later(old)).toBe('unknown');
  });

  test('who may not read the server has a fence for as long as it is watched', async () => {
    await world.ask(`REVOKE EXECUTE ON FUNCTION pg_control_system() FROM public;
      CREATE ROLE limited LOGIN PASSWORD 'limited'; GRANT INSERT ON marks TO limited;
      GRANT USAGE ON SCHEMA carom TO limited; GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA carom TO limited`);
    const as = { user: 'limited', password: 'limited' };
    const original = await world.begin({ level: 'fence', mark: 'limited', as });
    const ticket = await original.ticket();
    expect(await original.commit()).toMatchObject({ command: 'COMMIT' });
    expect(await world.look(ticket, as)).toMatchObject({ outcome: 'committed' });
    expect(await world.later(ticket)).toBe('unknown');
  });

  test('what is asked later is known after a crash and a clean restart', async () => {
    const { undone, doneTicket, undoneTicket } = await both(world);
    const { undoneTicket: stopped } = await both(world);
    await crash(world.primary, undone.pid);
    expect(await world.later(doneTicket)).toBe('committed');
    expect(await world.later(undoneTicket)).toBe('rolled-back');
    await world.primary.restart();
    expect(await world.later(doneTicket)).toBe('committed');
    expect(await world.later(stopped)).toBe('rolled-back');
  });

  test('a restored copy of older data has no token, and a ticket is not believed', async () => {
    const folder = await folderOf(world);
    const copy = join(folder, '..', 'copy');
    await world.primary.stop();
    await copyData(folder, copy);
    await world.primary.start();
    const ticket = await committed(world);
    await world.primary.stop();
    await rm(folder, { recursive: true });
    await copyData(copy, folder);
    await rm(copy, { recursive: true });
    await world.primary.start();
    expect(await world.later(ticket)).toBe('unknown');
    expect(await tokens(world, ticket)).toBe(0);
    // Somebody else has its id by now, and has committed.
    const others: Original[] = [];
    for (let nth = 0; nth < 20; nth++) {
      others.push(await world.begin({ mark: 'other' }));
      await others.at(-1)?.commit();
    }
    expect(await world.later(ticket)).toBe('unknown');
    expect(await tokens(world, ticket)).toBe(0);
  });
});

onEachVersion((version) => {
  const world = createWorld(version, { standby: 'sync' });

  afterEach(() => world.cluster.rejoin());

  test('what is asked later is known after a promotion', async () => {
    const { doneTicket, undoneTicket } = await both(world);
    await world.cluster.failover();
    expect(await world.later(doneTicket)).toBe('committed');
    expect(await world.later(undoneTicket)).toBe('rolled-back');
  });
});
