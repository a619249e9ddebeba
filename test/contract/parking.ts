/** The contract for parking: while the server is away one prober asks for all, and those who wait are served or told. */
import { cushions, health } from '@carom/postgres';
import { expect, test } from '@jest/globals';
import { startMuteServer } from './mute-server.js';
import type { Adapter, Subject } from './subject.js';
import { audited, settled, until, type World } from './world.js';

/** The one circuit there is; other tests' clients are closed. */
const circuit = () => cushions()[0];

/** As many failures as open it, each of a shot of its own. */
async function openCircuit(db: Subject): Promise<void> {
  const impatient = db.with({ retries: 0, patience: 0 });
  await until(async () => {
    await settled(impatient.count('nothing'));
    return circuit()?.state === 'open';
  });
}

/** Resolves once so many more connections were tried. */
function tries(world: World, more: number): Promise<void> {
  const before = world.proxy.seen.connections;
  // A look is a turn of the event loop: there is nothing to ask a server that is away.
  return eventually(() => world.proxy.seen.connections >= before + more);
}

/** Resolves once `condition` holds. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export function parkingContract(adapter: Adapter, world: World): void {
  // On the system's clock, by which the prober asks.
  const open = (options = {}): Subject => world.open({ clock: undefined, ...options });

  test('the server is away: one asks, all wait, and all are served when it is back', async () => {
    const db = open();
    world.proxy.refuse('rst');
    await openCircuit(db);
    const marks = Array.from({ length: 30 }, () => world.mark());
    const before = world.proxy.seen.connections;
    const work = marks.map((mark, nth) =>
      settled(nth % 2 === 0 ? db.mark(mark) : db.transaction((tx) => tx.mark(mark))),
    );
    await eventually(() => circuit()?.parked === marks.length);
    await tries(world, 3);
    expect(health()).toMatchObject([{ status: 'down' }]);
    await world.proxy.accept();
    const results = await Promise.all(work);
    for (const [nth, result] of results.entries()) await audited(world, marks[nth] ?? '', result);
    expect(results.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(circuit()).toMatchObject({ state: 'closed', parked: 0 });
    // A few questions and the pool's own four; without parking it would be thirty, again and again.
    expect(world.proxy.seen.connections - before).toBeLessThan(20);
  });

  test('two clients have one prober; it waits for one answer at a time, and not for ever', async () => {
    const clients = [open(), open()];
    world.proxy.refuse('rst');
    await openCircuit(clients[0]!);
    await using mute = await startMuteServer();
    world.proxy.retarget(mute);
    await world.proxy.accept();
    const work = clients.map((db) => settled(db.count('nothing')));
    // The second question comes when the first one was given up.
    await eventually(() => mute.connections === 2);
    expect([mute.most, cushions().length]).toEqual([1, 1]);
    world.proxy.retarget(world.cluster.primary, { cut: 'rst' });
    expect(await Promise.all(work)).toEqual([{ value: 0 }, { value: 0 }]);
  });

  test('who refuses the login is there: the caller gets that error, and does not wait', async () => {
    const user = `leaver_${adapter.name}`;
    await world.cluster.primary.query(`CREATE ROLE ${user} LOGIN PASSWORD 'another'`);
    const { host, port } = world.proxy;
    const config = { ...world.cluster.primary.config, host, port, user };
    const db = adapter.open(config, { patience: 60_000, datasource: user });
    world.proxy.refuse('rst');
    await openCircuit(db);
    const parked = settled(db.count('nothing'));
    await eventually(() => circuit()?.parked === 1);
    await world.proxy.accept();
    expect(JSON.stringify(await describeError(parked))).toMatch(/28P01|authentication failed/i);
    await db.close();
    await world.cluster.primary.query(`DROP ROLE ${user}`);
  });

  test('a client that is closed rejects its own that wait, at once and by name', async () => {
    const others = open();
    const { host, port } = world.proxy;
    const mine = adapter.open({ ...world.cluster.primary.config, host, port });
    world.proxy.refuse('rst');
    await openCircuit(mine);
    const parked = [mine.count('x'), mine.mark('x'), mine.transaction((tx) => tx.mark('x'))];
    const ends = Promise.all(parked.map(settled));
    const other = settled(others.count('x'));
    await eventually(() => circuit()?.parked === 4);
    await mine.close();
    for (const { error } of await ends) expect(error).toMatchObject({ code: 'CAROM_CLOSED' });
    // The prober goes on with a connection that the other lends.
    await tries(world, 2);
    await world.proxy.accept();
    expect(await other).toEqual({ value: 0 });
  });

  test('fail fast: a refusal says when asking again makes sense', async () => {
    const db = open({ cushion: { whenOpen: 'reject' } });
    world.proxy.refuse('rst');
    await openCircuit(db);
    const { error } = await settled(db.count('x'));
    expect(error).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
    const { retryAfter } = error as { retryAfter: number };
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(250);
    await world.proxy.accept();
    await eventually(() => circuit()?.state === 'closed');
    expect(await db.count('x')).toBe(0);
  });

  test('waiting is paid for with patience, not with retries', async () => {
    const db = open({ patience: 60_000 });
    world.proxy.refuse('rst');
    await openCircuit(db);
    const parked = settled(db.with({ retries: 0 }).count('x'));
    const impatient = settled(db.with({ retries: 1_000, patience: 300 }).count('x'));
    expect((await impatient).error).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
    await tries(world, 3);
    await world.proxy.accept();
    expect(await parked).toEqual({ value: 0 });
  });
}

async function describeError(promise: Promise<{ error?: unknown }>): Promise<object> {
  const { error } = await promise;
  const { code, message, meta } = error as { code?: string; message?: string; meta?: object };
  return { code, message, meta };
}
