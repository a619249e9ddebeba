/** Connecting to a server that was full: one at a time, then two, four, … */
import { ManualClock } from '@carom/core/testing';
import { expect, test } from '@jest/globals';
import { SlowStart } from '../../src/connection/slow-start.js';
import { saying } from '../outage/fake-server.js';

const full = saying('53300');

function setup(chance = 1) {
  const clock = new ManualClock();
  return { clock, slowStart: new SlowStart('orders', clock, () => chance) };
}

test('as long as nobody was refused everybody may', () => {
  const { slowStart } = setup();
  expect([slowStart.active, slowStart.take(), slowStart.take()]).toEqual([false, true, true]);
});

test('after a refusal one at a time, after a pause', async () => {
  const { clock, slowStart } = setup();
  slowStart.refused(full);
  expect([slowStart.take(), slowStart.wait, slowStart.isFull]).toEqual([false, 250, true]);
  await clock.advance(250);
  expect([slowStart.take(), slowStart.take()]).toEqual([true, false]);
  await clock.advance(250);
  expect([slowStart.take(), slowStart.take()]).toEqual([true, false]);
});

test('each connection that is made lets two more be tried, until nobody waits', async () => {
  const { clock, slowStart } = setup();
  const look = (): void => {};
  slowStart.waiting.add(look);
  slowStart.refused(full);
  await clock.advance(250);
  slowStart.take();
  slowStart.made();
  expect([slowStart.take(), slowStart.take(), slowStart.take()]).toEqual([true, true, false]);
  slowStart.made();
  slowStart.made();
  expect([1, 2, 3, 4, 5].map(() => slowStart.take())).toEqual([true, true, true, true, false]);
  slowStart.waiting.delete(look);
  slowStart.made();
  expect([slowStart.active, slowStart.isFull]).toEqual([false, false]);
});

test('after a minute it is tried ever more seldom, and often again when it had had room', async () => {
  const { clock, slowStart } = setup();
  slowStart.refused(full);
  const pauses: number[] = [];
  for (let n = 0; n < 260; n++) {
    pauses.push(slowStart.wait);
    await clock.advance(slowStart.wait);
    slowStart.take();
    slowStart.refused(full);
  }
  expect([pauses[0], pauses[100], pauses.at(-1)]).toEqual([250, 250, 5_000]);
  slowStart.waiting.add(() => {});
  slowStart.made();
  slowStart.refused(full);
  expect(slowStart.wait).toBe(250);
});

test('a server that refused nobody for long does not count as full', async () => {
  const { clock, slowStart } = setup();
  slowStart.refused(full);
  await clock.advance(10_000);
  expect(slowStart.isFull).toBe(false);
});

test('who does not get in is told what the server had said', () => {
  const { slowStart } = setup();
  slowStart.refused(full);
  expect(slowStart.refuse()).toMatchObject({ code: 'CAROM_SERVER_FULL', cause: full });
});
