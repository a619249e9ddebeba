/** What the clients of one datasource share. */
import { Budget, CaromError, Cushion, createStrategy } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createExecution, type Execution } from '../../src/execution.js';
import type { ExecutionOptions } from '../../src/options.js';
import { cushions, health } from '../../src/outage/health.js';
import { FakeServer, refused } from './fake-server.js';

const address = { host: 'db.internal', port: 5432, database: 'orders' };
const opened: Execution[] = [];
afterEach(() => {
  for (const { membership } of opened.splice(0)) membership.close();
});

function setup() {
  const clock = new ManualClock();
  const server = new FakeServer();
  const random = (): number => 0;
  const join = (options: ExecutionOptions = {}, at: object = address): Execution => {
    const given = { clock, random, ...options };
    const execution = createExecution(given, at, server.connect);
    opened.push(execution);
    return execution;
  };
  return { clock, server, join };
}

const open = ({ strategy }: Execution): void => {
  for (let n = 0; n < 10; n++) strategy.cushion?.circuit.fail(strategy.cushion.circuit.enter());
};

describe('the clients of one datasource', () => {
  test('learn from each other, and are asked for by one prober', async () => {
    const { clock, server, join } = setup();
    const [one, two] = [join(), join({ retries: 1 })];
    open(one);
    expect(two.strategy.cushion?.state).toBe('open');
    const parked = [one, two].map(({ strategy }) => strategy.shot(() => 'done'));
    await clock.advance(1_000);
    expect([server.connections, server.most]).toEqual([10, 1]);
    server.mood = 'well';
    await clock.advance(200);
    expect(await Promise.all(parked)).toEqual(['done', 'done']);
    await clock.advance(60_000);
    expect(server.connections).toBe(11);
  });

  test('connect together when it is back, although a connection from before may hang for longer', async () => {
    const { clock, server } = setup();
    const places = { idle: 0, lent: 0, connecting: 0, max: 3 };
    const ways = { places };
    const client = createExecution({ clock }, address, server.connect, ways);
    opened.push(client);
    const { room } = client;
    expect([room.tryAsk(), room.tryAsk()]).toEqual([true, true]);
    open(client);
    room.failed(refused, undefined);
    expect(room.tryAsk()).toBe(false);
    server.mood = 'well';
    await clock.advance(1_000);
    expect(client.strategy.cushion?.state).toBe('closed');
    expect([room.tryAsk(), room.tryAsk()]).toEqual([true, true]);
  });

  test('the one that lent the connection is closed: another lends its own', async () => {
    const { clock } = setup();
    const servers = [new FakeServer(), new FakeServer()];
    const [one, two] = servers.map((server) => {
      const execution = createExecution({ clock }, address, server.connect);
      opened.push(execution);
      return execution;
    }) as [Execution, Execution];
    open(one);
    await clock.advance(1_000);
    expect(servers[1]?.connections).toBe(0);
    const before = servers[0]?.connections;
    const parked = two.strategy.shot(() => 'done');
    one.membership.close();
    servers[1]!.mood = 'well';
    await clock.advance(1_000);
    expect(await parked).toBe('done');
    expect(servers.map(({ connections }) => connections)).toEqual([before, 1]);
  });

  test('a closed client has its waiting shots rejected, and nobody else’s', async () => {
    const { clock, join } = setup();
    const [one, two] = [join(), join()];
    open(one);
    const mine = one.strategy.shot(() => 1);
    const others = two.strategy.shot(() => 2);
    mine.catch(() => {});
    await clock.settle();
    one.membership.close();
    await expect(mine).rejects.toMatchObject({ code: 'CAROM_CLOSED' });
    expect(two.strategy.cushion?.parked).toBe(1);
    two.strategy.cushion?.close();
    expect(await others).toBe(2);
  });

  test('the last one is closed: nobody asks any more, and no timer stays', async () => {
    const { clock, join, server } = setup();
    const one = join();
    open(one);
    await clock.advance(500);
    const { connections } = server;
    one.membership.close();
    await clock.advance(60_000);
    expect([server.connections, clock.pending]).toEqual([connections, 0]);
    // Used once more, as a Prisma client is after `$disconnect`: it is asked for again.
    one.membership.open();
    await clock.advance(500);
    expect(server.connections).toBeGreaterThan(connections);
  });

  test('one that was closed behind Carom’s back lends nothing', async () => {
    const { clock, server } = setup();
    let isClosed = false;
    const given = { clock, random: () => 0 };
    const execution = createExecution(given, address, server.connect, {
      isClosed: () => isClosed,
    });
    opened.push(execution);
    open(execution);
    await clock.advance(500);
    const { connections } = server;
    isClosed = true;
    expect(cushions()).toEqual([]);
    await clock.advance(5_000);
    expect(server.connections).toBe(connections);
    // Used once more, as a Prisma client may be.
    isClosed = false;
    execution.membership.open();
    expect(cushions()).toHaveLength(1);
    await clock.advance(500);
    expect(server.connections).toBeGreaterThan(connections);
  });

  test('one that turns out to have no connection to lend is not asked again: shots find out', async () => {
    const { clock } = setup();
    let asked = 0;
    const connect = async (): Promise<never> => {
      asked += 1;
      throw new CaromError('CAROM_NOT_AN_ADAPTER', 'the driver adapter does not show its pool');
    };
    const execution = createExecution({ clock, random: () => 0 }, address, connect);
    opened.push(execution);
    open(execution);
    const parked = execution.strategy.shot(() => 'done');
    await clock.advance(200);
    expect([await parked, asked]).toEqual(['done', 1]);
  });

  test.each<[ExecutionOptions, RegExp]>([
    [{ cushion: { ratio: 0.9 } }, /`cushion.ratio` is 0.5 already; here it is 0.9/],
    [{ cushion: { failures: 3 } }, /`cushion.kind`|`cushion.ratio` is 0.5 already/],
    [{ target: 'any' }, /`target` is writer already; here it is any/],
  ])('%j beside the defaults is refused by name', (options, message) => {
    const { join } = setup();
    const one = join();
    expect(() => join(options)).toThrow(message);
    expect(() => join(options)).toThrow(/postgres\/orders/);
    // Another name is another datasource, and so is one whose clients are all gone.
    expect(join({ ...options, datasource: 'reports' }).strategy.cushion).toBeDefined();
    one.membership.close();
    expect(join(options).strategy.cushion?.circuit).not.toBe(one.strategy.cushion?.circuit);
  });

  test('without a cushion, or with one of its own, a client is not asked for', async () => {
    const { clock, server, join } = setup();
    const own = new Cushion('mine', { failures: 1, halfOpenAfter: 100 }, { clock });
    const mine = join({ cushion: own });
    expect(join({ cushion: false }).strategy.cushion).toBeUndefined();
    own.circuit.fail(own.circuit.enter());
    await clock.advance(1_000);
    expect(server.connections).toBe(0);
    expect(await mine.strategy.shot(() => 1)).toBe(1);
  });
});

describe('the retry budget', () => {
  test('is one for all clients, on unless it is switched off', () => {
    const { join } = setup();
    const budget = (options?: ExecutionOptions) => join(options).strategy.options.budget;
    expect(budget()).toBeInstanceOf(Budget);
    expect(budget()).toBe(budget({ retries: 1 }));
    expect(budget()).toMatchObject({ ratio: 0.2, perSecond: 10, whenSpent: 'wait' });
    expect(budget({ datasource: 'reports' })).not.toBe(budget());
    expect(budget({ budget: false })).toBe(false);
    const own = new Budget();
    expect(budget({ budget: own })).toBe(own);
  });

  test('of a strategy made before is kept', () => {
    const { clock } = setup();
    const own = new Budget();
    const execution = createExecution(createStrategy({ clock, budget: own }), address);
    opened.push(execution);
    expect(execution.strategy.options.budget).toBe(own);
  });
});

describe('what an operator sees', () => {
  test('a datasource that is well, falls and comes back', async () => {
    const { clock, server, join } = setup();
    const one = join();
    await clock.advance(1_000);
    expect(health()).toEqual([{ datasource: 'postgres/orders', status: 'up', since: 1_000 }]);
    open(one);
    await clock.advance(500);
    expect(health()).toEqual([
      {
        datasource: 'postgres/orders',
        status: 'down',
        since: 500,
        reason: 'ECONNREFUSED: the server could not be reached',
      },
    ]);
    const parked = [1, 2, 3].map((n) => one.strategy.shot(() => n));
    await clock.settle();
    expect(cushions()).toMatchObject([
      { datasource: 'postgres/orders', state: 'open', since: 500, retryAfter: 100, parked: 3 },
    ]);
    server.mood = 'well';
    await clock.advance(100);
    await Promise.all(parked);
    expect(health()).toEqual([{ datasource: 'postgres/orders', status: 'up', since: 0 }]);
    expect(cushions()).toMatchObject([{ state: 'closed', retryAfter: 0, parked: 0 }]);
  });

  test('degraded: a tenth of the recent calls failed, or the parked still go in', async () => {
    const { clock, server, join } = setup();
    const one = join();
    const { circuit } = one.strategy.cushion!;
    for (let n = 0; n < 20; n++) circuit.succeed(circuit.enter());
    for (let n = 0; n < 2; n++) circuit.fail(circuit.enter());
    expect(health()).toMatchObject([{ status: 'up' }]);
    circuit.fail(circuit.enter());
    expect(health()).toMatchObject([{ status: 'degraded' }]);
    await clock.advance(20_000);
    expect(health()).toMatchObject([{ status: 'up' }]);
    open(one);
    // Who is let in does not come back yet.
    const all = [1, 2, 3, 4].map(() =>
      one.strategy.shot(() => new Promise(() => {})).catch(() => {}),
    );
    server.mood = 'well';
    await clock.advance(100);
    expect([all.length, one.strategy.cushion?.state]).toEqual([4, 'closed']);
    expect(health()).toMatchObject([{ status: 'degraded' }]);
  });

  test('an operator isolates it, and closes it again', async () => {
    const { server, join } = setup();
    const one = join();
    cushions()[0]?.isolate();
    await expect(one.strategy.shot(() => 1)).rejects.toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
    expect(health()).toMatchObject([{ status: 'down' }]);
    expect(server.connections).toBe(0);
    cushions()[0]?.close();
    expect(await one.strategy.shot(() => 1)).toBe(1);
  });

  test('names no host, and nobody who has left', () => {
    const { join } = setup();
    const one = join();
    expect(JSON.stringify([cushions(), health()])).not.toMatch(/db\.internal/);
    one.membership.close();
    expect([cushions(), health()]).toEqual([[], []]);
  });
});
