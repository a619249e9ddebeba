/** A shot inside a probe, on the same circuit: it belongs to the probe. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  Cushion,
  type CushionOptions,
  createStrategy,
  processWide,
  type StrategyOptions,
  scoreboard,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, jest, test } from '@jest/globals';
import { admitted, caught, deferred, never, watch } from './scenario.js';

/** Half-open, and nobody is in. */
async function setup(more: CushionOptions = {}, options: StrategyOptions = {}) {
  const clock = new ManualClock();
  const rules = { failures: 1, halfOpenAfter: 1_000, probeLease: 500, ...more };
  const cushion = new Cushion('prices', rules, { clock, random: () => 0 });
  const { circuit } = cushion;
  circuit.fail(circuit.enter());
  await clock.advance(1_000);
  circuit.release(circuit.enter());
  expect(circuit.state).toBe('half-open');
  const strategy = createStrategy({ cushion, clock, retries: 0, ...options });
  return { clock, cushion, circuit, strategy };
}

type Made = Awaited<ReturnType<typeof setup>>;

/** Those that are played, and their context. */
const probes = processWide<{
  readonly played: ReadonlySet<unknown>;
  readonly context: AsyncLocalStorage<unknown>;
}>('probes', () => {
  throw new Error('there are none');
});

const down = (): Promise<never> => Promise.reject(Object.assign(new Error('down'), { code: 'X' }));

// Before those that leave something hanging.
test('an async context is kept while a probe is played, and by no other shot', async () => {
  const { strategy, circuit, clock } = await setup();
  const run = jest.spyOn(AsyncLocalStorage.prototype, 'run');
  const disable = jest.spyOn(AsyncLocalStorage.prototype, 'disable');
  void strategy.shot(never);
  expect(run).toHaveBeenCalledTimes(1);
  // The one that hangs loses its place, and keeps nothing on.
  await clock.advance(500);
  expect(disable).not.toHaveBeenCalled();
  await strategy.shot(() => 1);
  expect([run.mock.calls.length, disable.mock.calls.length > 0]).toEqual([2, true]);
  expect(circuit.state).toBe('closed');
  const { length } = disable.mock.calls;
  await strategy.shot(() => strategy.shot(() => 1));
  expect([run.mock.calls.length, disable.mock.calls.length]).toEqual([2, length]);
  run.mockRestore();
  disable.mockRestore();
});

test.each<[string, (made: Made) => unknown]>([
  [
    'its attempt timed out, and another one closed the circuit',
    ({ strategy }) => strategy.shot(() => 1),
  ],
  ['somebody closed the circuit', ({ cushion }) => cushion.close()],
  ['somebody isolated it', ({ cushion }) => cushion.isolate()],
])('a probe that hangs keeps no async context on once its round is over: %s', async (_, ends) => {
  const made = await setup({ probes: 2 }, { attemptTimeout: 10 });
  const hanging = watch(made.strategy.shot(never));
  await made.clock.settle();
  expect(probes.played.size).toBe(1);
  await ends(made);
  expect([probes.played.size, probes.context.getStore()]).toEqual([0, undefined]);
  await made.clock.advance(10);
  expect(hanging.state).toBe('rejected');
});

test('an outage in which all probes hang keeps none of them', async () => {
  const { strategy, clock } = await setup({}, { attemptTimeout: 10 });
  for (let n = 0; n < 20; n++) {
    watch(strategy.shot(never));
    await clock.advance(20_000);
  }
  expect(probes.played.size).toBe(0);
});

describe('a shot inside a probe', () => {
  test.each<[string, CushionOptions, StrategyOptions]>([
    ['rejecting', {}, {}],
    ['parking', { whenOpen: 'park' }, {}],
    ['with a timeout', {}, { timeout: 60_000 }],
    ['with a signal', {}, { signal: new AbortController().signal }],
    ['with slow calls', { slowAfter: 60_000 }, {}],
    ['with several probes', { probes: 2 }, {}],
  ])('is let in, and closes the circuit: %s', async (_, more, options) => {
    const { strategy, circuit } = await setup(more, options);
    const states: string[] = [];
    const price = (): Promise<number> =>
      strategy.shot(() => {
        states.push(circuit.state);
        return 2;
      });
    const basket = await strategy.shot(async () => (await price()) + (await price()));
    expect([basket, states]).toEqual([4, ['half-open', 'closed']]);
  });

  test('the same where somebody hears of it, and in a synchronous shot', async () => {
    const heard = await setup();
    const stop = scoreboard.on('attemptEnded', () => {});
    expect(await heard.strategy.shot(() => heard.strategy.shot(() => 1))).toBe(1);
    stop();
    const sync = await setup();
    expect(sync.strategy.shotSync(() => sync.strategy.shotSync(() => 1))).toBe(1);
    expect([heard.circuit.state, sync.circuit.state]).toEqual(['closed', 'closed']);
  });

  test('of another strategy too, and with another probe in between', async () => {
    const { strategy, cushion, circuit, clock } = await setup();
    const other = await setup();
    const inner = createStrategy({ cushion, clock, retries: 0 });
    const asked = strategy.shot(() => other.strategy.shot(() => inner.shot(() => 'answered')));
    expect(await asked).toBe('answered');
    expect([circuit.state, other.circuit.state]).toEqual(['closed', 'closed']);
  });

  test('that fails opens it, once', async () => {
    const { strategy, circuit } = await setup();
    expect(await caught(strategy.shot(() => strategy.shot(down)))).toMatchObject({ code: 'X' });
    expect([circuit.state, circuit.retryAfter]).toEqual(['open', 2_000]);
  });

  test('that says nothing gives back what it took, and no more', async () => {
    const { strategy, circuit } = await setup();
    const leaving = new AbortController();
    const gate = deferred<void>();
    const probe = strategy.shot(async () => {
      await caught(strategy.shot(never, { signal: leaving.signal }));
      await gate.promise;
      throw leaving.signal.reason;
    });
    const ended = caught(probe);
    await Promise.resolve();
    expect(circuit.enter()).toBe(0);
    leaving.abort();
    await new Promise(setImmediate);
    expect(circuit.enter()).toBe(0);
    gate.resolve();
    await ended;
    expect([circuit.state, circuit.enter() > 0, circuit.enter()]).toEqual(['half-open', true, 0]);
  });

  test('goes before those who wait, and lets none of them in', async () => {
    const { strategy, circuit, clock } = await setup({ whenOpen: 'park' });
    const leaving = new AbortController();
    const begin = deferred<void>();
    const probe = strategy.shot(async () => {
      await begin.promise;
      await caught(strategy.shot(never, { signal: leaving.signal }));
      return strategy.shot(() => 'answered');
    });
    const parked = [1, 2].map(() => watch(admitted(circuit, 60_000)));
    begin.resolve();
    await clock.settle();
    leaving.abort();
    expect(await probe).toBe('answered');
    expect(parked.map(({ state }) => state)).toEqual(['fulfilled', 'pending']);
    await clock.advance(100);
    expect(parked[1]?.state).toBe('fulfilled');
  });

  test('does not make the lease longer', async () => {
    const { strategy, circuit, clock } = await setup();
    void strategy.shot(async () => {
      for (let n = 0; n < 20; n++) {
        const leaving = new AbortController();
        clock.after(150, () => leaving.abort());
        await caught(strategy.shot(never, { signal: leaving.signal }));
      }
    });
    await clock.advance(499);
    expect(circuit.enter()).toBe(0);
    await clock.advance(1);
    expect(circuit.enter()).not.toBe(0);
  });

  test('is let in too from what a shot inside it has begun, when that is over', async () => {
    const { strategy, circuit } = await setup();
    let later: Promise<unknown> = Promise.resolve();
    const go = deferred<void>();
    const work = strategy.shot(async () => {
      await caught(
        strategy.shot(() => {
          later = go.promise.then(() => strategy.shot(() => 'inner'));
          throw new TypeError('a mistake says nothing');
        }),
      );
      go.resolve();
      return await later;
    });
    expect([await work, circuit.state]).toEqual(['inner', 'closed']);
  });
});

describe('who is no part of a probe', () => {
  test('is no part of that of another circuit either, and that goes on when the round of this one is over', async () => {
    const { strategy, cushion } = await setup();
    const other = await setup();
    watch(other.strategy.shot(never));
    // In a probe of the one, while the only place of the other is taken.
    const work = strategy.shot(async () => {
      const refused = await caught(other.strategy.shot(() => 1));
      other.cushion.close();
      const inner = await strategy.shot(() => 'mine');
      return [refused, inner];
    });
    const [refused, inner] = (await work) as [Error, string];
    expect([refused, inner]).toEqual([
      expect.objectContaining({ code: 'CAROM_CIRCUIT_OPEN' }),
      'mine',
    ]);
    expect(cushion.state).toBe('closed');
  });

  test('is not let in while it is played', async () => {
    const { strategy } = await setup();
    void strategy.shot(never);
    expect(await caught(strategy.shot(() => 1))).toMatchObject({ code: 'CAROM_CIRCUIT_OPEN' });
  });

  test('what goes on when the probe is over', async () => {
    const { strategy, circuit, clock } = await setup();
    const later = deferred<void>();
    let background: Promise<unknown> | undefined;
    const abort = Object.assign(new Error('cancelled'), { name: 'AbortError' });
    await caught(
      strategy.shot(() => {
        background = later.promise.then(() => strategy.shot(() => 1));
        throw abort;
      }),
    );
    void strategy.shot(never);
    await clock.settle();
    later.resolve();
    expect(await caught(background as Promise<unknown>)).toMatchObject({
      code: 'CAROM_CIRCUIT_OPEN',
    });
    expect(circuit.state).toBe('half-open');
  });
});
