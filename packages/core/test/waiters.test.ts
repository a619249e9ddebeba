/** A client that is closed sends its own shots away that wait, and nobody else's. */
import { CaromError, Compartment, Cushion, createStrategy, Waiters } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, deferred, failing, watch } from './scenario.js';

const boom = new Error('boom');
const closed = (): CaromError => new CaromError('CAROM_CLOSED', 'the client was closed');

function setup(options: object = {}) {
  const clock = new ManualClock();
  const source = { clock, random: () => 0 };
  const cushion = new Cushion('orders', { failures: 1, whenOpen: 'park' }, source);
  const waiters = new Waiters();
  const rules = { clock, cushion, random: () => 0, retries: 3, baseDelay: 100 };
  const mine = createStrategy({ ...rules, ...options, waiters });
  const other = createStrategy({ ...rules, waiters: new Waiters() });
  return { clock, cushion, waiters, mine, other };
}

describe('waiters are sent away', () => {
  test('those parked: each with an error of its own, and the other client waits on', async () => {
    const { clock, cushion, waiters, mine, other } = setup();
    cushion.circuit.fail(cushion.circuit.enter());
    const parked = [mine.shot(() => 1), mine.shot(() => 2, { patience: 5_000 })].map(watch);
    const others = watch(other.shot(() => 3));
    await clock.settle();
    expect(cushion.parked).toBe(3);
    waiters.sendAway(closed);
    await clock.settle();
    for (const { error } of parked) expect(error).toMatchObject({ code: 'CAROM_CLOSED' });
    expect(parked[0]?.error).not.toBe(parked[1]?.error);
    expect([cushion.parked, others.state, waiters.size]).toEqual([1, 'pending', 0]);
    cushion.close();
    await clock.settle();
    expect(others.value).toBe(3);
    expect(clock.pending).toBe(0);
  });

  test('one between two attempts: the last error is the cause', async () => {
    const { clock, waiters, mine } = setup({ cushion: false });
    const action = failing([boom], 1);
    const shot = watch(mine.shot(action));
    await clock.settle();
    waiters.sendAway(closed);
    await clock.settle();
    expect(shot.error).toMatchObject({ code: 'CAROM_CLOSED', cause: boom });
    expect([action.calls, clock.pending, waiters.size]).toEqual([1, 0, 0]);
  });

  test('one queued at a gate: its place is nobody’s', async () => {
    const compartment = new Compartment('pool', { limit: 1, maxQueued: 5 });
    const { clock, waiters, mine } = setup({ compartment });
    const first = deferred<number>();
    const playing = watch(mine.shot(() => first.promise));
    const queued = watch(mine.shot(() => 2));
    await clock.settle();
    waiters.sendAway(closed);
    await clock.settle();
    expect(queued.error).toMatchObject({ code: 'CAROM_CLOSED' });
    first.resolve(1);
    await clock.settle();
    expect(playing.value).toBe(1);
    expect(await mine.shot(() => 3)).toBe(3);
  });

  test('not what is being played; whoever comes later waits as before', async () => {
    const { clock, cushion, waiters, mine } = setup();
    const work = deferred<number>();
    const playing = watch(mine.shot(() => work.promise));
    waiters.sendAway(closed);
    work.resolve(1);
    await clock.settle();
    expect(playing.value).toBe(1);
    cushion.circuit.fail(cushion.circuit.enter());
    const parked = watch(mine.shot(() => 2));
    await clock.settle();
    expect([parked.state, waiters.size]).toEqual(['pending', 1]);
    cushion.close();
    await clock.settle();
    expect([parked.value, waiters.size]).toEqual([2, 0]);
  });

  test('the caller’s own signal ends the waiting with its own reason', async () => {
    const { clock, cushion, waiters, mine } = setup();
    cushion.circuit.fail(cushion.circuit.enter());
    const controller = new AbortController();
    const parked = watch(mine.shot(() => 1, { signal: controller.signal }));
    await clock.settle();
    controller.abort('enough');
    await clock.settle();
    expect([parked.error, waiters.size, cushion.parked]).toEqual(['enough', 0, 0]);
  });

  test('a caller who is told of a retry takes the shot back: it waits for nothing', async () => {
    const { clock, waiters, mine } = setup({ cushion: false });
    const controller = new AbortController();
    const options = { signal: controller.signal, onRetry: () => controller.abort('enough') };
    const shot = watch(mine.shot(failing([boom], 1), options));
    await clock.settle();
    expect([shot.error, waiters.size, clock.pending]).toEqual(['enough', 0, 0]);
  });

  test('nobody joins who does not wait', async () => {
    const { waiters, mine, cushion } = setup({ baseDelay: 0 });
    expect(await mine.shot(() => waiters.size)).toBe(0);
    cushion.isolate();
    await caught(mine.shot(() => 1));
    expect(waiters.size).toBe(0);
  });

  test('whoever begins to wait of a client that is closed is told why at once', () => {
    let why: Error | undefined;
    const waiters = new Waiters(() => why);
    const early = waiters.join(undefined);
    why = closed();
    expect(waiters.join(undefined).signal).toMatchObject({ aborted: true, reason: why });
    expect(early.signal.aborted).toBe(false);
  });

  test('something else is refused by name', () => {
    expect(() => createStrategy({ waiters: {} as Waiters })).toThrow(/`waiters`.*allowed: Waiters/);
  });
});
