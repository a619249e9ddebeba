/** Measured: whom the resolver may end: the backend that COMMIT never reached, while it does nothing, and nobody else. */
import { expect, test } from '@jest/globals';
import { onEachVersion } from './versions.js';
import { createWorld, until } from './world.js';

onEachVersion((version) => {
  const world = createWorld(version);

  const alive = async (pid: number): Promise<boolean> =>
    (await world.ask('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).length === 1;

  test('an original that is idle in its transaction is ended, by its id: rolled back', async () => {
    const bystander = await world.begin({ mark: 'bystander' });
    const original = await world.begin({ mark: 'idle' });
    expect(await world.settle(await original.ticket())).toBe('rolled-back');
    expect(await original.commit()).toBeInstanceOf(Error);
    expect(await world.rows('idle')).toBe(0);
    expect(await bystander.commit()).toMatchObject({ command: 'COMMIT' });
    expect(await world.rows('bystander')).toBe(1);
  });

  test('one that has failed after a savepoint, and waits for its ROLLBACK, is ended as well', async () => {
    const original = await world.begin({ mark: 'failed' });
    const ticket = await original.ticket();
    // Without a savepoint the server undoes everything at once, and there is nothing to end.
    await original.send('SAVEPOINT here');
    await original.send('SELECT 1/0').catch(() => {});
    expect(await world.settle(ticket)).toBe('rolled-back');
  });

  test('one that is active is never ended: COMMIT may be what it is at', async () => {
    const holder = await world.connect();
    await holder.query('SELECT pg_advisory_lock(1)');
    const original = await world.begin({ mark: 'active' });
    const ticket = await original.ticket();
    const ended = original.client.query('SELECT pg_advisory_xact_lock(1); COMMIT');
    const waiting = "SELECT FROM pg_stat_activity WHERE wait_event = 'advisory'";
    await until(async () => (await world.ask(waiting)).length > 0);
    expect(await world.look(ticket)).toBe('running');
    expect(await world.look(ticket)).toBe('running');
    expect(await alive(original.pid)).toBe(true);
    const settlement = world.settle(ticket);
    await holder.query('SELECT pg_advisory_unlock(1)');
    await ended;
    expect(await settlement).toBe('committed');
  });
});
