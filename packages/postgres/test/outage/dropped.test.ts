/** Clients that are wrapped again and again, and dropped: nothing of them stays. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Cushion } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Places } from '../../src/connection/places.js';
import { createExecution, type Execution } from '../../src/execution.js';
import type { ExecutionOptions } from '../../src/options.js';
import { datasourceOf } from '../../src/outage/registry.js';
import { FakeServer } from './fake-server.js';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Collects garbage until `condition` holds; whether it does at last. */
async function collected(condition: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 100 && !condition(); turn++) {
    // What was looked at lives until this turn is over, and who is told of a death hears of it in a later one.
    await nextTurn();
    gc();
    await nextTurn();
  }
  return condition();
}

const address = { host: 'db.internal', port: 5432, database: 'orders' };
const places: Places = { idle: 0, lent: 0, connecting: 0, max: 20 };
const opened: Execution[] = [];
afterEach(() => {
  for (const { membership } of opened.splice(0)) membership.close();
});

function setup() {
  const clock = new ManualClock();
  const server = new FakeServer();
  const random = (): number => 0;
  const make = (options: ExecutionOptions = {}): Execution =>
    createExecution({ clock, random, ...options }, address, server.connect, { places });
  const drop = (options?: ExecutionOptions): void => {
    for (let nth = 0; nth < 50; nth++) make(options);
  };
  const keep = (options?: ExecutionOptions): Execution => {
    const execution = make(options);
    opened.push(execution);
    return execution;
  };
  const key = 'db.internal 5432 orders ';
  const source = () => datasourceOf('postgres/orders', { key, clock, random });
  return { clock, server, make, drop, keep, source };
}

describe('a client that is wrapped for each request, and dropped without being closed', () => {
  test('is no member of its datasource any more; whoever is held stays one', async () => {
    const { drop, keep, source } = setup();
    keep();
    drop();
    expect(await collected(() => source().members.size === 1)).toBe(true);
    expect(source().members.size).toBe(1);
  });

  test('does not listen to a circuit any more; all of them together listen once', async () => {
    const { drop, keep } = setup();
    const cushion = new Cushion('orders');
    let listening = 0;
    const { circuit } = cushion;
    const onChange = circuit.onChange.bind(circuit);
    circuit.onChange = (listener) => {
      const stop = onChange(listener);
      listening += 1;
      return () => {
        stop();
        listening -= 1;
      };
    };
    drop({ cushion });
    expect(listening).toBe(1);
    expect(await collected(() => listening === 0)).toBe(true);
    const [one, two] = [keep({ cushion }), keep({ cushion })];
    one.membership.close();
    expect(listening).toBe(1);
    two.membership.close();
    expect(listening).toBe(0);
  });

  test('lends no connection any more: while it is open, nobody is asked', async () => {
    const { clock, server, make, source } = setup();
    const datasource = source();
    const { circuit } = (() => make().strategy.cushion as Cushion)();
    for (let nth = 0; nth < 10; nth++) circuit.fail(circuit.enter());
    expect(circuit.state).toBe('open');
    await clock.advance(1_000);
    expect(server.connections).toBeGreaterThan(0);
    await collected(() => datasource.members.size === 0);
    const { connections } = server;
    await clock.advance(60_000);
    expect([server.connections, clock.pending]).toEqual([connections, 0]);
  });

  test('is a member for as long as one of its shots waits', async () => {
    const { clock, server, source } = setup();
    const parked = (() => {
      const execution = createExecution({ clock, random: () => 0.5 }, address, server.connect);
      const { strategy } = execution;
      const { circuit } = strategy.cushion ?? {};
      for (let nth = 0; nth < 10; nth++) circuit?.fail(circuit.enter());
      return strategy.shot(() => 'done');
    })();
    await clock.advance(1_000);
    await collected(() => source().members.size === 0);
    const { connections } = server;
    await clock.advance(1_000);
    expect(server.connections).toBeGreaterThan(connections);
    server.mood = 'well';
    await clock.advance(1_000);
    expect(await parked).toBe('done');
  });
});

describe('a client that was closed', () => {
  test('is gone, although what it takes its time from holds it', async () => {
    const { server } = setup();
    const execution = (() => {
      const clock = Object.assign(new ManualClock(), { holds: undefined as unknown });
      const closed = createExecution({ clock }, address, server.connect, { places });
      clock.holds = closed;
      closed.membership.close();
      return new WeakRef(closed);
    })();
    expect(await collected(() => execution.deref() === undefined)).toBe(true);
  });
});

describe('a pool that is wrapped again', () => {
  test('has one waiting room, but one for each datasource', () => {
    const { keep } = setup();
    const [one, two, other] = [keep(), keep({ retries: 1 }), keep({ datasource: 'other' })];
    expect(two.room).toBe(one.room);
    expect(other.room).not.toBe(one.room);
  });

  test('that nobody sees may be another: each has a room of its own', () => {
    const { clock, server } = setup();
    const [one, two] = [1, 2].map(() => createExecution({ clock }, address, server.connect));
    opened.push(...[one, two].flatMap((execution) => execution ?? []));
    expect(one?.room).not.toBe(two?.room);
  });
});
