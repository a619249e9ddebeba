/** The gate of a client whose server is full. */
import { ManualClock } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import { ConnectGate } from '../../src/connection/connect-gate.js';
import { SlowStart } from '../../src/connection/slow-start.js';
import { saying } from '../outage/fake-server.js';

function setup() {
  const clock = new ManualClock();
  const places = { idle: 0, lent: 0, connecting: 0, max: 4 };
  const slowStart = new SlowStart('orders', clock, () => 1);
  const left = (): void => {};
  const gate = new ConnectGate({ slowStart, places, maxParked: 2, clock, left });
  const order: string[] = [];
  const enter = (name: string, patience = 60_000, signal?: AbortSignal): void => {
    gate.enter(patience, signal).then(
      () => order.push(name),
      (error: { code?: string }) => order.push(`${name}: ${error.code ?? error}`),
    );
  };
  const full = async (): Promise<void> => {
    slowStart.refused(saying('53300'));
    await clock.settle();
  };
  return { clock, places, slowStart, gate, order, enter, full };
}

test('while the server has room it is open', () => {
  const { gate } = setup();
  expect([1, 2, 3, 4, 5].map(() => gate.tryEnter())).toEqual([true, true, true, true, true]);
});

test('a connection that nobody has is used at once, and one that is given back by who came first', async () => {
  const { places, gate, order, enter, full, clock } = setup();
  places.idle = 1;
  await full();
  expect([gate.tryEnter(), gate.tryEnter()]).toEqual([true, false]);
  Object.assign(places, { idle: 0, lent: 1 });
  enter('one');
  enter('two');
  await clock.settle();
  expect([order, gate.queued]).toEqual([[], 2]);
  // Nobody overtakes them.
  Object.assign(places, { idle: 1, lent: 0 });
  expect(gate.tryEnter()).toBe(false);
  gate.leave();
  await clock.settle();
  expect(order).toEqual(['one']);
});

test('who waits for a new connection holds nobody up who needs none', async () => {
  const { places, gate, clock, full } = setup();
  await full();
  await clock.advance(250);
  expect(gate.tryEnter()).toBe(true);
  Object.assign(places, { connecting: 1, idle: 1 });
  expect([gate.tryEnter(), gate.tryEnter()]).toEqual([true, false]);
});

test('in a pool that cannot grow nobody tries', async () => {
  const { places, gate, clock, full } = setup();
  places.lent = 4;
  await full();
  await clock.advance(250);
  expect(gate.tryEnter()).toBe(false);
  Object.assign(places, { lent: 3, idle: 1 });
  expect(gate.tryEnter()).toBe(true);
});

test('the others try one at a time, and in a ramp when the first has a connection', async () => {
  const { slowStart, order, enter, full, clock } = setup();
  await full();
  enter('one');
  enter('two');
  await clock.advance(249);
  expect(order).toEqual([]);
  await clock.advance(1);
  expect(order).toEqual(['one']);
  slowStart.made();
  await clock.settle();
  expect(order).toEqual(['one', 'two']);
  expect([slowStart.active, clock.pending]).toEqual([false, 0]);
});

test('it is waited as long as the patience goes, and by no more than may', async () => {
  const { gate, order, enter, full, clock } = setup();
  await full();
  enter('one', 100);
  enter('two', 60_000, AbortSignal.abort('enough'));
  enter('three');
  await clock.settle();
  expect([gate.mayWait(60_000), gate.mayWait(0)]).toEqual([false, false]);
  enter('four');
  await clock.advance(100);
  expect(order).toEqual(['two: enough', 'four: CAROM_SERVER_FULL', 'one: CAROM_SERVER_FULL']);
});
