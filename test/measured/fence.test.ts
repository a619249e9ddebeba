/** Measured: the fence. Whoever puts the token in first has decided, and a crash or a promotion changes nothing of it. */
import { expireCommitTokens, type FenceTicket } from '@carom/postgres';
import { afterEach, expect, test } from '@jest/globals';
import { codeOf } from '../testing/waiting.js';
import { onEachVersion } from './versions.js';
import { crash, createWorld, type Seen, until, type World } from './world.js';

const token = async (world: World): Promise<FenceTicket> => {
  const [row] = await world.ask<{ token: string; at: string; origin: FenceTicket['origin'] }>(
    `SELECT gen_random_uuid()::text AS token, extract(epoch FROM clock_timestamp())::text AS at, json_build_object(
      'system', (SELECT system_identifier::text FROM pg_control_system()),
      'database', (SELECT oid::text FROM pg_database WHERE datname = current_database()),
      'started', extract(epoch FROM pg_postmaster_start_time())::text, 'xid', '3') AS origin`,
  );
  return {
    ...{ carom: 1, level: 'fence', datasource: 'measured', durability: 'on' },
    ...{ token: row?.token ?? '', createdAt: row?.at ?? '', origin: row?.origin },
  };
};

const insertion = ({ token: it }: FenceTicket): string =>
  `INSERT INTO carom.commit_tokens (token) VALUES ('${it}')`;

const waitingForToken = `SELECT FROM pg_stat_activity
  WHERE wait_event_type = 'Lock' AND query LIKE '%carom.commit_tokens%'`;

/** An original that has its token in, and goes on to its end once it is released; it is never idle. */
async function pending(world: World, end: string) {
  const ticket = await token(world);
  const [original, blocker] = [await world.connect(), await world.connect()];
  await blocker.query('BEGIN; SELECT pg_advisory_xact_lock(1)');
  const ended = original.query(
    `BEGIN; ${insertion(ticket)}; SELECT pg_advisory_xact_lock(1); ${end}`,
  );
  const isThere = "SELECT FROM pg_stat_activity WHERE wait_event = 'advisory'";
  await until(async () => (await world.ask(isThere)).length > 0);
  return {
    ticket,
    async release(): Promise<void> {
      await blocker.query('COMMIT');
      await ended;
    },
  };
}

onEachVersion((version) => {
  const world = createWorld(version);

  test('a conflict means committed', async () => {
    const original = await world.begin({ level: 'fence', mark: 'one' });
    const ticket = await original.ticket();
    await original.commit();
    expect(await world.settle(ticket)).toBe('committed');
    expect(await world.settle(ticket)).toBe('committed');
  });

  test('its own row means that the original can never commit, however late it comes', async () => {
    const ticket = await token(world);
    expect(await world.settle(ticket)).toBe('rolled-back');
    const late = await world.connect();
    expect(await codeOf(late.query(insertion(ticket)))).toBe('23505');
    // Another resolver, or the same one after its answer was lost, finds the fence and not the original.
    expect(await world.settle(ticket)).toBe('rolled-back');
    expect(await world.later(ticket)).toBe('rolled-back');
  });

  test.each(['COMMIT', 'ROLLBACK'])('it waits for a pending original: %s', async (end) => {
    const { ticket, release } = await pending(world, end);
    expect(await world.look(ticket)).toBe('running');
    const settlement = world.settle(ticket);
    await release();
    expect(await settlement).toBe(end === 'COMMIT' ? 'committed' : 'rolled-back');
  });

  test('an original that is idle is ended, and a bystander that is idle is not', async () => {
    const bystander = await world.begin({ level: 'fence', mark: 'bystander' });
    await bystander.ticket();
    const original = await world.begin({ level: 'fence', mark: 'idle' });
    const ticket = await original.ticket();
    expect(await world.settle(ticket)).toBe('rolled-back');
    expect(await original.commit()).toBeInstanceOf(Error);
    await bystander.send('SELECT 1');
    expect(await bystander.commit()).toMatchObject({ command: 'COMMIT' });
  });

  test('after a crash it knows what was committed, and what was not', async () => {
    const done = await world.begin({ level: 'fence', mark: 'done' });
    const doneTicket = await done.ticket();
    await done.commit();
    const undone = await world.begin({ level: 'fence', mark: 'undone' });
    const undoneTicket = await undone.ticket();
    await crash(world.primary, undone.pid);
    expect(await world.settle(doneTicket)).toBe('committed');
    expect(await world.settle(undoneTicket)).toBe('rolled-back');
    expect([await world.rows('done'), await world.rows('undone')]).toEqual([1, 0]);
  });

  test("the resolver's transaction is as it must be, whatever the connection's defaults are", async () => {
    const options =
      '-c default_transaction_isolation=serializable -c default_transaction_read_only=on';
    const { ticket, release } = await pending(world, 'COMMIT');
    const looks = (async (): Promise<Seen> => {
      for (;;) {
        const seen = await world.look(ticket, { options });
        if (seen !== 'running') return seen;
      }
    })();
    await until(async () => (await world.ask(waitingForToken)).length > 0);
    await release();
    expect(await looks).toMatchObject({ outcome: 'committed' });
  });

  test('about a token older than those that are kept nobody can say anything', async () => {
    const original = await world.begin({ level: 'fence', mark: 'old' });
    const ticket = (await original.ticket()) as FenceTicket;
    await original.commit();
    await world.ask("UPDATE carom.commit_tokens SET created_at = created_at - interval '1 hour'");
    const old = { ...ticket, createdAt: `${Number(ticket.createdAt) - 3_600}` };
    expect(await world.settle(old)).toBe('committed');
    const admin = await world.connect();
    expect(await expireCommitTokens(admin, 1_800_000)).toBeGreaterThan(0);
    expect(await world.settle(old)).toBe('unknown');
    expect(await world.settle(await token(world))).toBe('rolled-back');
  });
});

onEachVersion((version) => {
  const world = createWorld(version, { standby: 'sync' });

  afterEach(() => world.cluster.rejoin());

  test('after a promotion it knows what was committed, and what was not', async () => {
    const done = await world.begin({ level: 'fence', mark: 'done' });
    const doneTicket = await done.ticket();
    await done.commit();
    const undone = await world.begin({ level: 'fence', mark: 'undone' });
    const undoneTicket = await undone.ticket();
    await world.cluster.failover();
    expect(await world.settle(doneTicket)).toBe('committed');
    expect(await world.settle(undoneTicket)).toBe('rolled-back');
    expect([await world.rows('done'), await world.rows('undone')]).toEqual([1, 0]);
  });
});
