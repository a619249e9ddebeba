/** What becomes of a shot that waits to be let in while the cushion (circuit breaker) and its clocks go on. */
import {
  CaromError,
  Compartment,
  Cushion,
  createStrategy,
  type Gate,
  sleep,
  Throttle,
  Waiters,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, jest, test } from '@jest/globals';
import { Ear } from './hear.js';
import { deferred, watch } from './scenario.js';

/** Lets nobody in at the first look, everybody at the second, of which `between` hears; nobody may wait. */
function slowDoor(between: () => void): Gate {
  let looks = 0;
  return {
    tryEnter() {
      looks += 1;
      if (looks === 2) between();
      return looks > 1;
    },
    enter: () => Promise.reject(new Error('nobody may wait')),
    mayWait: () => false,
    refusal: () => new Error('no'),
    leave: () => {},
  };
}

function world(options: ConstructorParameters<typeof Cushion>[1] = {}) {
  const clock = new ManualClock();
  const source = { clock, random: () => 0 };
  const rules = { failures: 1, halfOpenAfter: 500, whenOpen: 'park', ...options } as const;
  const cushion = new Cushion('orders', rules, source);
  const trip = (): void => cushion.circuit.fail(cushion.circuit.enter());
  return { clock, cushion, trip, rules: { ...source, cushion, retries: 0 } };
}

describe('a circuit that opens while a shot waits at a gate', () => {
  test('has the shot wait for it too, out of its place, and told once', async () => {
    const { clock, trip, rules } = world();
    const compartment = new Compartment('c', { limit: 1, maxQueued: 1 }, { clock });
    const strategy = createStrategy({ ...rules, compartment });
    using ear = new Ear(clock);
    const first = deferred<number>();
    watch(strategy.shot(() => first.promise));
    const played = jest.fn(() => clock.now());
    const queued = watch(strategy.shot(played));
    await clock.advance(100);
    trip();
    first.resolve(1);
    await clock.settle();
    expect([played.mock.calls.length, compartment.active]).toEqual([0, 0]);
    await clock.advance(500);
    expect(queued.value).toBe(600);
    const told = ear.heard.filter(({ event }) => /Parked|Released/.test(event));
    expect(told).toMatchObject([
      { event: 'shotParked', at: 0 },
      { event: 'shotReleased', at: 600, detail: { waited: 600 } },
    ]);
  });

  test('is no reason for others to find its place taken', async () => {
    const { clock, trip, rules } = world();
    const compartment = new Compartment('c', { limit: 1, maxQueued: 1 }, { clock });
    const strategy = createStrategy({ ...rules, compartment });
    const first = deferred<number>();
    watch(strategy.shot(() => first.promise));
    const queued = watch(strategy.shot(() => 'mine'));
    await clock.settle();
    trip();
    first.resolve(1);
    await clock.settle();
    const other = createStrategy({ clock, compartment });
    expect(await other.shot(() => 'theirs')).toBe('theirs');
    const busy = deferred<string>();
    const theirs = watch(other.shot(() => busy.promise));
    await clock.advance(500);
    // It is let in again, and waits for a place as everybody does.
    expect([queued.state, compartment.queued]).toEqual(['pending', 1]);
    busy.resolve('done');
    await clock.settle();
    expect([theirs.value, queued.value, compartment.active]).toEqual(['done', 'mine', 0]);
  });

  test('has those who had passed a rate before pass it again: it is kept when the service is back', async () => {
    const { clock, rules } = world({ failures: 5, halfOpenAfter: 20_000 });
    const throttle = new Throttle('t', { rate: 10, maxQueued: 200 }, { clock });
    const strategy = createStrategy({ ...rules, throttle });
    const sent: number[] = [];
    let isUp = false;
    const call = async (): Promise<void> => {
      sent.push(clock.now());
      await sleep(clock, 5);
      if (!isUp) throw new Error('down');
    };
    const shots = Array.from({ length: 210 }, () => watch(strategy.shot(call)));
    await clock.advance(19_000);
    isUp = true;
    await clock.advance(60_000);
    expect(shots.filter(({ state }) => state === 'pending')).toEqual([]);
    expect(sent).toHaveLength(210);
    const inOneSecond = sent.map((at) => sent.filter((it) => it >= at && it < at + 1_000).length);
    // The burst and the rate.
    expect(Math.max(...inOneSecond)).toBeLessThanOrEqual(20);
  });

  test('is said to be what it waits for, where it has waited for nothing yet', async () => {
    const { clock, trip, rules } = world();
    using ear = new Ear(clock);
    const shot = watch(createStrategy({ ...rules, gate: slowDoor(trip) }).shot(() => 'done'));
    await clock.settle();
    const parked = ear.heard.filter(({ event }) => event === 'shotParked');
    expect(parked).toMatchObject([{ detail: { why: 'the circuit is open' } }]);
    await clock.advance(500);
    expect(shot.value).toBe('done');
  });

  test('and lets it in at once again: nobody has waited', async () => {
    const { clock, cushion, rules } = world();
    using ear = new Ear(clock);
    const gate = slowDoor(() => {
      cushion.isolate();
      cushion.close();
    });
    expect(await createStrategy({ ...rules, gate }).shot(() => 'done')).toBe('done');
    expect(ear.names.filter((name) => /Parked|Released/.test(name))).toEqual([]);
  });
});

test('a gate that is open is not waited at by who was parked before', async () => {
  const { clock, trip, rules } = world();
  const gate = { ...slowDoor(() => {}), tryEnter: () => true };
  trip();
  const shot = watch(createStrategy({ ...rules, gate }).shot(() => 'done'));
  await clock.advance(500);
  expect(shot.value).toBe('done');
});

test('a probe that a gate refuses gives its permit to the next', async () => {
  const { clock, cushion, trip, rules } = world({ whenOpen: 'reject' });
  const compartment = new Compartment('c', { limit: 1, maxQueued: 1 }, { clock });
  const strategy = createStrategy({ ...rules, compartment, patience: 100 });
  trip();
  await clock.advance(500);
  compartment.tryEnter();
  const refused = watch(strategy.shot(() => 1));
  await clock.advance(100);
  expect(refused.error).toMatchObject({ code: 'CAROM_COMPARTMENT_FULL' });
  compartment.leave();
  expect(await strategy.shot(() => 2)).toBe(2);
  expect(cushion.state).toBe('closed');
});

test('one that is let in when its time is over is not played, and gives its permit back', async () => {
  const { clock, cushion, trip, rules } = world();
  trip();
  const played = jest.fn(() => 1);
  const late = watch(createStrategy({ ...rules, timeout: 500 }).shot(played));
  await clock.advance(500);
  expect(late.error).toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'shot' });
  expect(played).not.toHaveBeenCalled();
  expect(await createStrategy(rules).shot(() => 2)).toBe(2);
  expect(cushion.state).toBe('closed');
});

test('who is refused at once, or is not held up, waits for nothing that a closed client could end', async () => {
  const { trip, cushion, rules } = world({ whenOpen: 'reject' });
  const closed = new CaromError('CAROM_CLOSED', 'the client was closed');
  const waiters = new Waiters(() => closed);
  const join = jest.spyOn(waiters, 'join');
  const strategy = createStrategy({ ...rules, waiters, retries: 1, baseDelay: 0 });
  let calls = 0;
  const action = (): Promise<number> => {
    calls += 1;
    return calls === 1 ? Promise.reject(new Error('x')) : Promise.resolve(calls);
  };
  expect(await strategy.with({ cushion: false }).shot(action)).toBe(2);
  trip();
  const { signal } = new AbortController();
  await expect(strategy.shot(() => 1, { signal })).rejects.toMatchObject({
    code: 'CAROM_CIRCUIT_OPEN',
  });
  expect(cushion.state).toBe('open');
  expect(join).not.toHaveBeenCalled();
});

test.each([
  ['an action', () => 1],
  ['a shot that an adapter describes', { play: () => 1 }],
] as const)(
  'a refusal of which nobody needs to know more looks at the clock once: %s',
  async (_, work) => {
    const { clock, trip, rules } = world({ whenOpen: 'reject' });
    const strategy = createStrategy({ ...rules, timeout: 1_000 });
    trip();
    const looks = jest.spyOn(clock, 'now');
    const refused = typeof work === 'function' ? strategy.shot(work) : strategy.play(work);
    expect(looks).toHaveBeenCalledTimes(1);
    await expect(refused).rejects.toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
  },
);

test('an attempt begins in the turn of its shot where nothing holds it up, on the slow path too', async () => {
  const played = jest.fn(() => 1);
  const shot = createStrategy().shot(played, { signal: new AbortController().signal });
  expect(played).toHaveBeenCalledTimes(1);
  expect(await shot).toBe(1);
});

test.each([20, 50])('who wakes up %d ms too late for its time is not played again', async (by) => {
  class LateClock extends ManualClock {
    override after(...[delay, callback]: Parameters<ManualClock['after']>) {
      return super.after(delay + by, callback);
    }
  }
  const clock = new LateClock();
  const played = jest.fn(() => Promise.reject(new Error('x')));
  const rules = { clock, jitter: false, baseDelay: 80, timeout: 100 } as const;
  const shot = watch(createStrategy(rules).shot(played));
  await clock.advance(1_000);
  expect(shot.error).toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'shot' });
  expect(played).toHaveBeenCalledTimes(1);
});
