import { getEventListeners } from 'node:events';
import { CircuitOpenError, Cushion, type CushionOptions, type CushionState } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import type { Circuit } from '../src/breaker/circuit.js';
import { admitted, watch } from './scenario.js';

const rules: CushionOptions = {
  failures: 3,
  lastCalls: 10,
  halfOpenAfter: 1_000,
  halfOpenMax: 8_000,
  probeLease: 500,
};

function setup(
  more: CushionOptions = {},
  random: () => number = () => 0,
): { clock: ManualClock; circuit: Circuit } {
  const clock = new ManualClock();
  return {
    clock,
    circuit: new Cushion('orders', { ...rules, ...more }, { clock, random }).circuit,
  };
}

/** Three failures: it opens. */
function trip(circuit: Circuit): void {
  for (let n = 0; n < 3; n++) circuit.fail(circuit.enter());
  expect(circuit.state).toBe('open');
}

async function halfOpen(clock: ManualClock, circuit: Circuit): Promise<number> {
  trip(circuit);
  await clock.advance(1_000);
  const permit = circuit.enter();
  expect(permit).not.toBe(0);
  expect(circuit.state).toBe('half-open');
  return permit;
}

describe('a closed circuit', () => {
  test('lets everybody in, and opens at the given number of failures', () => {
    const { circuit } = setup();
    for (let n = 0; n < 2; n++) circuit.fail(circuit.enter());
    expect(circuit.state).toBe('closed');
    circuit.fail(circuit.enter());
    expect(circuit.state).toBe('open');
    expect(circuit.enter()).toBe(0);
  });

  test('opens by ratio too', () => {
    const { circuit } = setup({ failures: undefined, lastCalls: undefined });
    for (let n = 0; n < 9; n++) circuit.fail(circuit.enter());
    expect(circuit.state).toBe('closed');
    circuit.fail(circuit.enter());
    expect(circuit.state).toBe('open');
  });

  test('a released permit is neither success nor failure', () => {
    const { circuit } = setup();
    for (let n = 0; n < 2; n++) circuit.fail(circuit.enter());
    for (let n = 0; n < 20; n++) circuit.release(circuit.enter());
    expect(circuit.state).toBe('closed');
    circuit.fail(circuit.enter());
    expect(circuit.state).toBe('open');
  });

  test('needs no timer, open or closed, while nobody waits', async () => {
    const { clock, circuit } = setup();
    trip(circuit);
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    circuit.enter();
    expect(clock.pending).toBe(0);
  });
});

/** Says how often somebody looked at it. */
class WatchedClock extends ManualClock {
  looks = 0;

  override now(): number {
    this.looks += 1;
    return super.now();
  }
}

describe('successes', () => {
  const byRatio = { failures: undefined, lastCalls: undefined } as const;
  const watched = (more: CushionOptions = {}): { clock: WatchedClock; circuit: Circuit } => {
    const clock = new WatchedClock();
    const { circuit } = new Cushion('orders', { ...rules, ...byRatio, ...more }, { clock });
    clock.looks = 0;
    return { clock, circuit };
  };
  const succeed = (circuit: Circuit, times: number): void => {
    for (let n = 0; n < times; n++) circuit.succeed(circuit.enter());
  };

  test('read no clock, but each 64th, and more seldom while they come fast', () => {
    const { clock, circuit } = watched();
    succeed(circuit, 63);
    expect(clock.looks).toBe(0);
    succeed(circuit, 1);
    expect(clock.looks).toBe(1);
    succeed(circuit, 127);
    expect(clock.looks).toBe(1);
    succeed(circuit, 1);
    expect(clock.looks).toBe(2);
    succeed(circuit, 255);
    expect(clock.looks).toBe(2);
    succeed(circuit, 1);
    expect(clock.looks).toBe(3);
    expect(circuit.recent).toEqual({ failed: 0, total: 448 });
  });

  test.each([1, 63, 64, 65, 1_000])('all of %d are counted when somebody looks', (times) => {
    const { circuit } = watched();
    succeed(circuit, times);
    expect(circuit.recent).toEqual({ failed: 0, total: times });
    circuit.fail(circuit.enter());
    succeed(circuit, times);
    expect(circuit.recent).toEqual({ failed: 1, total: 2 * times + 1 });
    circuit.close();
    expect(circuit.recent).toEqual({ failed: 0, total: 0 });
  });

  test('since it was closed are all that count', () => {
    const { circuit } = watched();
    succeed(circuit, 10);
    circuit.isolate();
    expect(circuit.recent).toEqual({ failed: 0, total: 10 });
    circuit.close();
    succeed(circuit, 3);
    circuit.isolate();
    circuit.close();
    expect(circuit.recent).toEqual({ failed: 0, total: 0 });
  });

  test('while others wait are told with those that come next', async () => {
    const { clock, circuit } = watched({ whenOpen: 'park' });
    for (let n = 0; n < 10; n++) circuit.fail(circuit.enter());
    await clock.advance(1_000);
    const probe = circuit.enter();
    const waiting = Array.from({ length: 200 }, async () =>
      circuit.succeed(await admitted(circuit, 10_000)),
    );
    circuit.succeed(probe);
    await Promise.all(waiting);
    expect(circuit.parked).toBe(0);
    clock.looks = 0;
    succeed(circuit, 1_000);
    expect(clock.looks).toBeGreaterThan(0);
    expect(circuit.recent.total).toBe(1_200);
  });

  test.each(['at first', 'after a closing'])(
    'of an hour hide no outage that comes after it: %s',
    async (when) => {
      const { clock, circuit } = watched();
      if (when !== 'at first') {
        for (let n = 0; n < 10; n++) circuit.fail(circuit.enter());
        await clock.advance(1_000);
        succeed(circuit, 1);
        expect(circuit.state).toBe('closed');
      }
      for (let n = 0; n < 63; n++) {
        clock.block(60_000);
        succeed(circuit, 1);
      }
      for (let n = 1; n < 20 && circuit.state === 'closed'; n++) circuit.fail(circuit.enter());
      expect(circuit.state).toBe('open');
      // One more than with no success at all.
      expect(circuit.recent.failed).toBe(11);
    },
  );

  test('end a row of failures', () => {
    const { circuit } = watched();
    succeed(circuit, 1_000);
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 19; n++) circuit.fail(circuit.enter());
      succeed(circuit, 1);
    }
    expect(circuit.state).toBe('closed');
    for (let n = 0; n < 20; n++) circuit.fail(circuit.enter());
    expect(circuit.state).toBe('open');
  });
});

describe('an open circuit', () => {
  test('refuses, says for how long, and lets one in when the time has come', async () => {
    const { clock, circuit } = setup();
    trip(circuit);
    await clock.advance(400);
    expect(circuit.retryAfter).toBe(600);
    const error = circuit.admit();
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN', service: 'orders', retryAfter: 600 });
    expect((error as Error).message).toBe(
      'the cushion (circuit breaker) of orders is open for 600 ms: nothing was sent',
    );
    await clock.advance(599);
    expect(circuit.enter()).toBe(0);
    await clock.advance(1);
    expect(circuit.retryAfter).toBe(0);
    expect(circuit.enter()).not.toBe(0);
  });

  test('what it gave no permit for is no answer', () => {
    const { circuit } = setup({ failures: undefined, lastCalls: undefined });
    for (let n = 0; n < 10; n++) circuit.fail(circuit.enter());
    const refused = circuit.enter();
    expect(refused).toBe(0);
    const before = circuit.recent;
    circuit.succeed(refused);
    expect(circuit.recent).toEqual(before);
  });

  test('late failures of calls from before do not make it longer', async () => {
    const { clock, circuit } = setup();
    const late = circuit.enter();
    trip(circuit);
    await clock.advance(900);
    circuit.fail(late);
    expect(circuit.retryAfter).toBe(100);
  });

  test('stays open longer after each failed probe, up to the most, with jitter', async () => {
    const { clock, circuit } = setup({}, () => 0.5);
    trip(circuit);
    const waits: number[] = [];
    for (let n = 0; n < 5; n++) {
      waits.push(circuit.retryAfter);
      await clock.advance(circuit.retryAfter);
      circuit.fail(circuit.enter());
    }
    expect(waits).toEqual([1_000, 1_800, 3_600, 7_200, 7_200]);
    await clock.advance(circuit.retryAfter);
    circuit.succeed(circuit.enter());
    trip(circuit);
    expect(circuit.retryAfter).toBe(1_000);
  });
});

describe('a half-open circuit', () => {
  test('lets one probe in, and no second one', async () => {
    const { clock, circuit } = setup();
    await halfOpen(clock, circuit);
    for (let n = 0; n < 10; n++) expect(circuit.enter()).toBe(0);
    expect(circuit.admit()).toMatchObject({ retryAfter: 500 });
  });

  test('lets as many probes in as the rules say', async () => {
    const { clock, circuit } = setup({ probes: 3 });
    await halfOpen(clock, circuit);
    expect(circuit.retryAfter).toBe(0);
    const permits = Array.from({ length: 5 }, () => circuit.enter() !== 0);
    expect(permits).toEqual([true, true, false, false, false]);
    expect(circuit.retryAfter).toBe(500);
  });

  test('closes at a success and has forgotten the old failures', async () => {
    const { clock, circuit } = setup();
    circuit.succeed(await halfOpen(clock, circuit));
    expect(circuit.state).toBe('closed');
    for (let n = 0; n < 2; n++) circuit.fail(circuit.enter());
    expect(circuit.state).toBe('closed');
  });

  test('opens at a failure', async () => {
    const { clock, circuit } = setup();
    circuit.fail(await halfOpen(clock, circuit));
    expect(circuit.state).toBe('open');
    expect(circuit.retryAfter).toBe(2_000);
  });

  test('a cancelled probe gives its place back, and decides nothing', async () => {
    const { clock, circuit } = setup();
    circuit.release(await halfOpen(clock, circuit));
    expect(circuit.state).toBe('half-open');
    const next = circuit.enter();
    expect(next).not.toBe(0);
    expect(circuit.enter()).toBe(0);
    circuit.succeed(next);
    expect(circuit.state).toBe('closed');
  });

  test('a hung probe loses its place when its lease ends', async () => {
    const { clock, circuit } = setup();
    const hung = await halfOpen(clock, circuit);
    await clock.advance(499);
    expect(circuit.enter()).toBe(0);
    await clock.advance(1);
    expect(circuit.enter()).not.toBe(0);
    expect(circuit.enter()).toBe(0);
    // What it says after that decides nothing, and gives no second place away.
    circuit.release(hung);
    expect(circuit.enter()).toBe(0);
    circuit.fail(hung);
    expect(circuit.state).toBe('half-open');
    circuit.succeed(hung);
    expect(circuit.state).toBe('half-open');
  });

  test('late results of an older epoch decide nothing', async () => {
    const { clock, circuit } = setup();
    const old = Array.from({ length: 5 }, () => circuit.enter());
    const probe = await halfOpen(clock, circuit);
    circuit.succeed(old[0] ?? 0);
    expect(circuit.state).toBe('half-open');
    circuit.fail(old[1] ?? 0);
    expect(circuit.state).toBe('half-open');
    circuit.release(old[2] ?? 0);
    expect(circuit.enter()).toBe(0);
    circuit.succeed(probe);
    for (const permit of old) circuit.fail(permit);
    expect(circuit.state).toBe('closed');
    circuit.fail(probe);
    for (let n = 0; n < 2; n++) circuit.fail(circuit.enter());
    expect(circuit.state).toBe('closed');
  });
});

describe('by hand', () => {
  test('isolate keeps everybody out, whatever the time and the results, until close', async () => {
    const { clock, circuit } = setup();
    const before = circuit.enter();
    circuit.isolate();
    expect(circuit.state).toBe('isolated');
    expect(circuit.retryAfter).toBe(Number.POSITIVE_INFINITY);
    expect(circuit.admit(1e9)).toMatchObject({
      retryAfter: Number.POSITIVE_INFINITY,
      message:
        'the cushion (circuit breaker) of orders is isolated until somebody closes it: nothing was sent',
    });
    circuit.succeed(before);
    await clock.advance(1e9);
    expect(circuit.enter()).toBe(0);
    circuit.close();
    expect(circuit.enter()).not.toBe(0);
  });

  test('close closes it and forgets, also where it was closed', () => {
    const { circuit } = setup();
    for (let n = 0; n < 2; n++) circuit.fail(circuit.enter());
    circuit.close();
    circuit.fail(circuit.enter());
    expect(circuit.state).toBe('closed');
    trip(setup().circuit);
    circuit.fail(circuit.enter());
    circuit.fail(circuit.enter());
    expect(circuit.state).toBe('open');
    circuit.close();
    expect(circuit.state).toBe('closed');
  });
});

describe('listeners', () => {
  test('are told of each change until they leave', async () => {
    const { clock, circuit } = setup();
    const seen: [CushionState, CushionState][] = [];
    const leave = circuit.onChange((state, previous) => seen.push([state, previous]));
    circuit.succeed(await halfOpen(clock, circuit));
    circuit.isolate();
    leave();
    circuit.close();
    expect(seen).toEqual([
      ['open', 'closed'],
      ['half-open', 'open'],
      ['closed', 'half-open'],
      ['isolated', 'closed'],
    ]);
  });

  test('one that another has ended is not told any more, not even of the same change', () => {
    const { circuit } = setup();
    const seen: CushionState[] = [];
    circuit.onChange(() => leave());
    const leave = circuit.onChange((state) => seen.push(state));
    trip(circuit);
    expect(seen).toEqual([]);
  });

  test('that throw change nothing, and the others are told', () => {
    const { circuit } = setup();
    const seen: CushionState[] = [];
    circuit.onChange(() => {
      throw new Error('of the listener');
    });
    circuit.onChange((state) => seen.push(state));
    trip(circuit);
    expect(seen).toEqual(['open']);
  });

  test('may isolate and close: nobody gets in through a door that a listener has shut', async () => {
    const { clock, circuit } = setup({ whenOpen: 'park' });
    trip(circuit);
    const leave = circuit.onChange((state) => {
      if (state === 'half-open') circuit.isolate();
    });
    const parked = watch(admitted(circuit, 60_000));
    await clock.advance(1_000);
    expect(circuit.state).toBe('isolated');
    expect(parked.error).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
    leave();
    circuit.close();
    trip(circuit);
    circuit.onChange((state) => {
      if (state === 'half-open') circuit.isolate();
    });
    await clock.advance(1_000);
    expect(circuit.enter()).toBe(0);
    expect(clock.pending).toBe(0);
  });
});

describe('a listener that changes what it is told of', () => {
  test('closed and ill again while a probe knocks: the probe is not let in', async () => {
    const { clock, circuit } = setup();
    trip(circuit);
    const leave = circuit.onChange((state) => {
      if (state !== 'half-open') return;
      circuit.close();
      trip(circuit);
    });
    await clock.advance(1_000);
    expect([circuit.enter(), circuit.state]).toEqual([0, 'open']);
    leave();
    await clock.advance(1_000);
    expect([circuit.enter() !== 0, circuit.state]).toEqual([true, 'half-open']);
  });

  test('isolated and closed again: those parked go in as after every closing', async () => {
    const { clock, circuit } = setup({ whenOpen: 'park' });
    trip(circuit);
    const parked = [1, 2].map(() => watch(admitted(circuit, 60_000)));
    circuit.onChange((state) => {
      if (state === 'isolated') circuit.close();
    });
    circuit.isolate();
    await clock.settle();
    expect(circuit.state).toBe('closed');
    expect(parked.map(({ state }) => state)).toEqual(['fulfilled', 'pending']);
    await clock.advance(50);
    expect(parked.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
  });
});

describe('a listener that isolates what it is told of', () => {
  test('a shot that knocks is refused until somebody closes it, and does not wait', async () => {
    for (const whenOpen of ['park', 'reject'] as const) {
      const { clock, circuit } = setup({ whenOpen });
      trip(circuit);
      circuit.onChange((state) => {
        if (state === 'half-open') circuit.isolate();
      });
      await clock.advance(1_000);
      expect(circuit.admit(60_000)).toMatchObject({ retryAfter: Number.POSITIVE_INFINITY });
      expect(circuit.parked).toBe(0);
    }
  });
});

describe('the parking', () => {
  const park = (more: CushionOptions = {}) => setup({ whenOpen: 'park', ...more });
  /** Parks `count` shots; what they got, in the order of their arrival. */
  const arrive = (circuit: Circuit, count: number, patience = Number.POSITIVE_INFINITY) =>
    Array.from({ length: count }, () => watch(admitted(circuit, patience)));
  const states = (all: readonly { state: string }[]): string =>
    all
      .map(({ state }) => (state === 'pending' ? '.' : state === 'fulfilled' ? 'y' : 'n'))
      .join('');

  test('rejecting cushions, and shots without patience, do not park', () => {
    const rejecting = setup().circuit;
    trip(rejecting);
    expect(rejecting.admit(60_000)).toBeInstanceOf(CircuitOpenError);
    const { circuit } = park();
    trip(circuit);
    for (const patience of [0, -5]) {
      expect(circuit.admit(patience)).toBeInstanceOf(CircuitOpenError);
    }
    expect(circuit.parked).toBe(0);
  });

  test('the first in line is the probe; the others follow when it has its answer: 1, 2, 4, …', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = arrive(circuit, 10);
    await clock.advance(999);
    expect(states(waiting)).toBe('..........');
    await clock.advance(1);
    expect(states(waiting)).toBe('y.........');
    circuit.succeed(waiting[0]?.value ?? 0);
    await clock.settle();
    expect(states(waiting)).toBe('yy........');
    circuit.succeed(waiting[1]?.value ?? 0);
    await clock.settle();
    expect(states(waiting)).toBe('yyyy......');
    for (const n of [2, 3]) circuit.succeed(waiting[n]?.value ?? 0);
    await clock.settle();
    expect(states(waiting)).toBe('yyyyyyyy..');
    circuit.succeed(waiting[4]?.value ?? 0);
    await clock.settle();
    expect(states(waiting)).toBe('yyyyyyyyyy');
    expect(circuit.parked).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('released shots that get no answer hold the others up no longer than 50 ms', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = arrive(circuit, 16);
    await clock.advance(1_000);
    circuit.succeed(waiting[0]?.value ?? 0);
    const seen: number[] = [];
    for (let n = 0; n < 4; n++) {
      await clock.advance(n === 0 ? 0 : 50);
      seen.push(16 - circuit.parked);
    }
    expect(seen).toEqual([2, 4, 8, 16]);
    expect(clock.pending).toBe(0);
  });

  test('neither newcomers, nor failures, nor cancelled shots put that off', async () => {
    const { clock, circuit } = park({ failures: 100, lastCalls: 100 });
    for (let n = 0; n < 100; n++) circuit.fail(circuit.enter());
    const waiting = arrive(circuit, 3);
    await clock.advance(1_000);
    circuit.succeed(waiting[0]?.value ?? 0);
    await clock.settle();
    const second = waiting[1]?.value ?? 0;
    expect(states(waiting)).toBe('yy.');
    await clock.advance(30);
    arrive(circuit, 1);
    circuit.fail(second);
    circuit.release(second);
    await clock.advance(19);
    expect(states(waiting)).toBe('yy.');
    await clock.advance(1);
    expect(states(waiting)).toBe('yyy');
  });

  test('newcomers queue behind those who came before, also while the ramp lets them in', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const early = arrive(circuit, 4);
    await clock.advance(1_000);
    circuit.succeed(early[0]?.value ?? 0);
    const late = arrive(circuit, 1);
    await clock.settle();
    expect([states(early), states(late)]).toEqual(['yy..', '.']);
    circuit.succeed(early[1]?.value ?? 0);
    await clock.settle();
    expect([states(early), states(late)]).toEqual(['yyyy', '.']);
    circuit.succeed(early[2]?.value ?? 0);
    await clock.settle();
    expect(states(late)).toBe('y');
    expect(clock.pending).toBe(0);
  });

  test('is bounded', () => {
    const { circuit } = park({ maxParked: 3 });
    trip(circuit);
    arrive(circuit, 3);
    expect(circuit.parked).toBe(3);
    expect(circuit.admit(60_000)).toMatchObject({
      code: 'CAROM_CIRCUIT_OPEN',
      message: expect.stringContaining('3 shots wait for it already'),
    });
  });

  test('patience ends the wait', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const [short, long] = [...arrive(circuit, 1, 300), ...arrive(circuit, 1, 5_000)];
    await clock.advance(299);
    expect(short?.state).toBe('pending');
    await clock.advance(1);
    expect(short?.error).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN', retryAfter: 700 });
    expect(long?.state).toBe('pending');
    expect(circuit.parked).toBe(1);
  });

  test('when the last one leaves by patience no timer stays', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    arrive(circuit, 2, 300);
    await clock.advance(300);
    expect(circuit.parked).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('when the last one leaves, a newcomer is let in when the time has come all the same', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    arrive(circuit, 1, 300);
    await clock.advance(999);
    expect(circuit.enter()).toBe(0);
    await clock.advance(1);
    expect(circuit.enter()).not.toBe(0);
  });

  /** Whoever is told that it is closed finds it ill again. */
  const relapse = (circuit: Circuit) =>
    circuit.onChange(() => {
      if (circuit.state !== 'closed') return;
      for (let n = 0; n < 3; n++) circuit.fail(circuit.admit() as number);
    });

  test('closed by hand, and ill again before anybody is in: the first in line is the next probe', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const parked = arrive(circuit, 2);
    const stop = relapse(circuit);
    circuit.close();
    stop();
    await clock.advance(999);
    expect([circuit.state, states(parked)]).toEqual(['open', '..']);
    await clock.advance(1);
    expect([circuit.state, states(parked)]).toEqual(['half-open', 'y.']);
  });

  test('closed by a probe, and ill again before the others are in: the next in line is the next probe', async () => {
    const { clock, circuit } = park();
    const probe = await halfOpen(clock, circuit);
    const parked = arrive(circuit, 2);
    const stop = relapse(circuit);
    circuit.succeed(probe);
    stop();
    await clock.advance(999);
    expect([circuit.state, states(parked)]).toEqual(['open', '..']);
    await clock.advance(1);
    expect([circuit.state, states(parked)]).toEqual(['half-open', 'y.']);
  });

  test('an abort ends the wait with its own reason, in the middle of the line too', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const controller = new AbortController();
    const first = arrive(circuit, 1);
    const mine = watch(admitted(circuit, 60_000, controller.signal));
    const third = arrive(circuit, 1);
    controller.abort('stop');
    await clock.settle();
    expect(mine).toEqual({ state: 'rejected', error: 'stop' });
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    await clock.advance(1_000);
    circuit.succeed(first[0]?.value ?? 0);
    await clock.settle();
    expect(third[0]?.state).toBe('fulfilled');
    expect(clock.pending).toBe(0);
  });

  test('admitted: its listener and its timer are gone', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const { signal } = new AbortController();
    const waiting = watch(admitted(circuit, 60_000, signal));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(1_000);
    expect(waiting.state).toBe('fulfilled');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('an abort before: not parked at all', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = watch(admitted(circuit, 60_000, AbortSignal.abort('stop')));
    await clock.settle();
    expect(waiting).toEqual({ state: 'rejected', error: 'stop' });
    expect(circuit.parked).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test('a failed probe: the others wait for the next one', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = arrive(circuit, 3);
    await clock.advance(1_000);
    circuit.fail(waiting[0]?.value ?? 0);
    await clock.advance(1_999);
    expect(states(waiting)).toBe('y..');
    await clock.advance(1);
    expect(states(waiting)).toBe('yy.');
  });

  test('a cancelled probe: the next in line takes its place at once', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = arrive(circuit, 3);
    await clock.advance(1_000);
    circuit.release(waiting[0]?.value ?? 0);
    await clock.settle();
    expect(states(waiting)).toBe('yy.');
    expect(circuit.state).toBe('half-open');
  });

  test('a hung probe: the next in line takes its place after the lease', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = arrive(circuit, 2);
    await clock.advance(1_499);
    expect(states(waiting)).toBe('y.');
    await clock.advance(1);
    expect(states(waiting)).toBe('yy');
    expect(clock.pending).toBe(0);
  });

  test('a hung probe, and the timer is late: a newcomer does not overtake', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = arrive(circuit, 2);
    await clock.advance(1_000);
    clock.block(600);
    expect(circuit.enter()).toBe(0);
    await clock.advance(0);
    expect(states(waiting)).toBe('yy');
  });

  test('a hung probe that did not wait: the first in line takes its place after the lease', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = arrive(circuit, 1);
    clock.block(1_000);
    expect(circuit.admit()).not.toBe(0);
    expect(circuit.state).toBe('half-open');
    await clock.advance(499);
    expect(states(waiting)).toBe('.');
    await clock.advance(1);
    expect(states(waiting)).toBe('y');
  });

  test('one that was cancelled in the ramp says nothing about how quick the others are', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = arrive(circuit, 12);
    circuit.close();
    await clock.settle();
    expect(states(waiting)).toBe('y...........');
    await clock.advance(10);
    circuit.release(waiting[0]?.value ?? 0);
    await clock.advance(40);
    expect(states(waiting)).toBe('yyy.........');
    await clock.advance(2);
    circuit.succeed(waiting[1]?.value ?? 0);
    await clock.advance(8);
    expect(states(waiting)).toBe('yyyyy.......');
    // Ten milliseconds, where the quickest took two.
    circuit.succeed(waiting[2]?.value ?? 0);
    await clock.settle();
    expect(states(waiting)).toBe('yyyyyy......');
  });

  test('isolate sends everybody away; close by hand lets them in, in a ramp', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const first = arrive(circuit, 2);
    circuit.isolate();
    await clock.settle();
    expect(first.map(({ error }) => (error as CircuitOpenError).retryAfter)).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(clock.pending).toBe(0);
    circuit.close();
    trip(circuit);
    const second = arrive(circuit, 4);
    circuit.close();
    await clock.settle();
    expect(states(second)).toBe('y...');
    await clock.advance(100);
    expect(states(second)).toBe('yyyy');
    expect(clock.pending).toBe(0);
  });

  test('a relapse during the ramp: the rest goes on waiting', async () => {
    const { clock, circuit } = park();
    trip(circuit);
    const waiting = arrive(circuit, 8);
    await clock.advance(1_000);
    for (const n of [0, 1]) {
      circuit.succeed(waiting[n]?.value ?? 0);
      await clock.settle();
    }
    expect(states(waiting)).toBe('yyyy....');
    const permit = waiting[2]?.value ?? 0;
    for (let n = 0; n < 3; n++) circuit.fail(permit);
    expect(circuit.state).toBe('open');
    await clock.advance(999);
    expect(states(waiting)).toBe('yyyy....');
    await clock.advance(1);
    expect(states(waiting)).toBe('yyyyy...');
  });
});
