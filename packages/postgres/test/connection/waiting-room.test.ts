/** Waiting for a connection, in place of a pool's queue. */
import { ManualClock } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import { SlowStart } from '../../src/connection/slow-start.js';
import { type Asker, WaitingRoom, wasCalledBack } from '../../src/connection/waiting-room.js';
import { refused, saying } from '../outage/fake-server.js';

function setup() {
  const places = { idle: 0, lent: 0, connecting: 0, max: 2 };
  const clock = new ManualClock();
  const slowStart = new SlowStart('orders', clock, () => 1);
  const room = new WaitingRoom(places, slowStart, clock);
  const told: unknown[] = [];
  const wait = (name: string, limit?: number, log?: Asker): void =>
    room.wait(
      {
        limit,
        come: () => told.push(name),
        late: () => told.push(`${name}: late`),
        calledBack: (reason) => told.push(reason),
      },
      log,
    );
  return { clock, places, slowStart, room, told, wait };
}

test('as many ask as there can be connections; the next one when one has an answer, the first come first', () => {
  const { places, room, told, wait } = setup();
  expect([room.tryAsk(), room.tryAsk(), room.tryAsk()]).toEqual([true, true, false]);
  wait('one');
  wait('two');
  places.lent = 1;
  room.answered();
  expect(told).toEqual([]);
  places.lent = 0;
  room.look();
  expect([told, room.size, room.tryAsk()]).toEqual([['one'], 1, false]);
});

test('one that is given back is for the first who waits, once the pool has it', async () => {
  const { places, room, told, wait } = setup();
  places.lent = 2;
  wait('one');
  room.freed();
  Object.assign(places, { idle: 1, lent: 1 });
  expect(told).toEqual([]);
  await Promise.resolve();
  expect(told).toEqual(['one']);
});

test('nobody waits longer than the limit', async () => {
  const { clock, places, room, told, wait } = setup();
  places.lent = 2;
  wait('one', 10);
  await clock.advance(9);
  expect([told, room.size]).toEqual([[], 1]);
  await clock.advance(1);
  expect([told, room.size]).toEqual([['one: late'], 0]);
});

test('an attempt that failed makes no room until the circuit has heard of it; then one at a time finds out', () => {
  const { room, told, wait } = setup();
  room.tryAsk();
  room.tryAsk();
  wait('one');
  wait('two');
  const log = { gated: false, abandoned: false };
  room.failed(refused, log);
  expect([told, log.gated]).toEqual([[], false]);
  room.look();
  expect(told).toEqual([]);
  room.failed(refused, { gated: false, abandoned: true });
  expect(told).toEqual(['one']);
  room.answered();
  expect(told).toEqual(['one', 'two']);
});

test('whoever waits knows whether all is at work, or somebody still connects', () => {
  const { places, room, wait } = setup();
  const log: Asker = { gated: false, abandoned: false };
  room.tryAsk();
  room.tryAsk();
  wait('one', undefined, log);
  expect(log.waitsIn?.isBusy).toBe(false);
  places.lent = 2;
  expect(log.waitsIn?.isBusy).toBe(true);
  places.lent = 0;
  room.answered();
  expect(log.waitsIn).toBeUndefined();
});

test('once the server was found to be there, nobody waits behind those who still ask in vain', () => {
  const { places, room, told, wait } = setup();
  places.max = 3;
  room.tryAsk();
  room.tryAsk();
  wait('one');
  wait('two');
  room.failed(refused, undefined);
  expect(told).toEqual([]);
  room.reassure();
  expect(told).toEqual(['one', 'two']);
});

test('a server that is full has all called back who wait to ask it', () => {
  const { slowStart, room, told, wait } = setup();
  room.tryAsk();
  room.tryAsk();
  wait('one');
  const log = { gated: false, abandoned: false };
  const full = saying('53300');
  room.failed(full, log);
  expect([log.gated, slowStart.active, room.size]).toEqual([true, true, 0]);
  expect(told).toMatchObject([{ code: 'CAROM_SERVER_FULL', cause: full }]);
  expect([wasCalledBack(told[0]), wasCalledBack(full)]).toEqual([true, false]);
});

test('a pool in which none became free is no full server', () => {
  const { slowStart, room } = setup();
  room.tryAsk();
  room.failed(new Error('timeout exceeded when trying to connect'), undefined);
  expect(slowStart.active).toBe(false);
});
