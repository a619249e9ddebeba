import {
  Cushion,
  createStrategy,
  type Strategy,
  type StrategyOptions,
  scoreboard,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { Compartment } from '../src/bulkhead/compartment.js';
import { hostileProxy, trap, withGetter } from './hostile.js';
import { never, thrown, verdict } from './scenario.js';

/** A strategy with one place and one probe, so that a permit that is not given back shows. */
function setup(options: StrategyOptions = {}) {
  const clock = new ManualClock();
  const compartment = new Compartment('c', { limit: 1 }, { clock });
  const cushion = new Cushion('c', { failures: 1, halfOpenAfter: 10 }, { clock });
  const strategy = createStrategy({ clock, compartment, cushion, jitter: false, ...options });
  const expectNothingHeld = (): void => {
    expect([compartment.active, cushion.retryAfter, clock.pending]).toEqual([0, 0, 0]);
  };
  const halfOpen = async (): Promise<void> => {
    cushion.circuit.fail(cushion.circuit.enter());
    await clock.advance(10);
  };
  return { clock, cushion, strategy, expectNothingHeld, halfOpen };
}

const own = (then: unknown): unknown =>
  Object.defineProperty(Promise.resolve(1), 'then', { value: then });

describe('an action that is asynchronous after all is refused, and its place given back', () => {
  const promises: readonly (readonly [string, () => unknown])[] = [
    ['a promise', () => Promise.resolve(1)],
    ['one that is rejected', () => Promise.reject(new Error('nobody’s'))],
    ['one that never ends', () => never()],
    ['an async function', async () => 1],
    // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
    ['a thenable', () => ({ then: (done: (value: number) => void) => done(1) })],
    [
      'a thenable that throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
        then: () => {
          throw new Error('nobody’s');
        },
      }),
    ],
    ['a function with a `then`', () => Object.defineProperty(() => 1, 'then', { value: () => {} })],
    [
      'a promise with a `then` of its own that throws',
      () =>
        own(() => {
          throw new Error('nobody’s');
        }),
    ],
  ];
  const ways: readonly (readonly [string, StrategyOptions])[] = [
    ['on the fast path', {}],
    ['with whenResult', { whenResult: () => false }],
    ['with a clock', { timeout: 1_000 }],
  ];

  describe.each(ways)('%s', (_, options) => {
    test.each(promises)('%s', (__, action) => {
      const { strategy, cushion, expectNothingHeld } = setup(options);
      for (const perCall of [undefined, {}]) {
        const error = thrown(() => strategy.shotSync(action, perCall));
        expect(error).toMatchObject({
          code: 'CAROM_NOT_SYNC',
          message: expect.stringContaining('shot()'),
        });
        expectNothingHeld();
        expect(cushion.state).toBe('closed');
      }
    });

    test('as the probe of a half-open cushion: the next one is the probe', async () => {
      const { strategy, cushion, halfOpen } = setup(options);
      await halfOpen();
      expect(thrown(() => strategy.shotSync(() => Promise.resolve(1)))).toMatchObject({
        code: 'CAROM_NOT_SYNC',
      });
      expect([cushion.state, cushion.retryAfter]).toEqual(['half-open', 0]);
      expect(strategy.shotSync(() => 'probe')).toBe('probe');
      expect(cushion.state).toBe('closed');
    });
  });

  test.each<[string, StrategyOptions]>([
    ['classify', { classify: () => verdict('outage') }],
    ['shouldBounce', { shouldBounce: () => true }],
  ])('whatever `%s` says, it is played once, and is no failure of the service', (_, options) => {
    const { strategy, cushion, expectNothingHeld } = setup(options);
    let calls = 0;
    const action = (): Promise<number> => {
      calls += 1;
      return Promise.resolve(1);
    };
    for (const perCall of [undefined, {}]) {
      calls = 0;
      const error = thrown(() => strategy.shotSync(action, perCall));
      expect([error, calls]).toEqual([expect.objectContaining({ code: 'CAROM_NOT_SYNC' }), 1]);
      expect(cushion.state).toBe('closed');
      expectNothingHeld();
    }
  });

  test('it is not played again, and a shot around it does not bounce it', () => {
    const { strategy } = setup({ compartment: false });
    let calls = 0;
    const action = (): Promise<number> => {
      calls += 1;
      return Promise.resolve(1);
    };
    const error = thrown(() => strategy.shotSync(() => strategy.shotSync(action)));
    expect(error).toMatchObject({ code: 'CAROM_NOT_SYNC' });
    expect(calls).toBe(1);
  });

  test('whoever heard that it began hears that it failed', () => {
    const { strategy } = setup();
    const heard: unknown[] = [];
    using _started = scoreboard.on('shotStarted', () => heard.push('started'));
    using _failed = scoreboard.on('shotFailed', ({ error, attempt }) =>
      heard.push([(error as { code?: string }).code, attempt]),
    );
    thrown(() => strategy.shotSync(() => Promise.resolve(1)));
    expect(heard).toEqual(['started', ['CAROM_NOT_SYNC', 1]]);
  });
});

describe('what cannot be looked at', () => {
  const results: readonly (readonly [string, () => unknown])[] = [
    ['a result with a `then` that cannot be read', () => withGetter('then', {})],
    ['a result of which nothing can be asked', () => hostileProxy()],
  ];
  test.each(results)(
    '%s is a failure as in an asynchronous shot, and its place given back',
    async (_, action) => {
      for (const options of [{}, { whenResult: () => false }]) {
        const { strategy, expectNothingHeld } = setup({ retries: 0, cushion: false, ...options });
        expect(thrown(() => strategy.shotSync(action))).toBe(trap);
        await expect(strategy.shot(action)).rejects.toBe(trap);
        expectNothingHeld();
      }
    },
  );

  test('`whenResult` that throws: its error, as in an asynchronous shot, and the place given back', async () => {
    const slip = new TypeError('a slip');
    const play = (how: (strategy: Strategy) => unknown) => {
      const it = setup({
        whenResult: () => {
          throw slip;
        },
      });
      return { ...it, end: how(it.strategy) };
    };
    const sync = play((strategy) => thrown(() => strategy.shotSync(() => 1)));
    const async = play((strategy) => strategy.shot(() => 1).catch((error: unknown) => error));
    expect(await async.end).toBe(slip);
    async.expectNothingHeld();
    expect(sync.end).toBe(slip);
    sync.expectNothingHeld();
  });
});

describe("the caller's signal", () => {
  test('aborted before: nothing is played', () => {
    const { strategy, expectNothingHeld } = setup({ signal: AbortSignal.abort('stop') });
    let calls = 0;
    expect(thrown(() => strategy.shotSync(() => calls++))).toBe('stop');
    expect(calls).toBe(0);
    expectNothingHeld();
  });

  test('aborted by an attempt that fails: nothing waits, nobody is told of a bounce, nothing is played', () => {
    const controller = new AbortController();
    const told: unknown[] = [];
    const { clock, strategy, expectNothingHeld } = setup({
      cushion: false,
      onRetry: (event) => told.push(event),
    });
    let calls = 0;
    const action = (): never => {
      calls += 1;
      controller.abort('stop');
      throw new Error('x');
    };
    expect(thrown(() => strategy.shotSync(action, { signal: controller.signal }))).toBe('stop');
    expect({ calls, told, now: clock.now() }).toEqual({ calls: 1, told: [], now: 0 });
    expectNothingHeld();
  });

  test('aborted by who is told of the bounce: nothing waits, nothing is played', () => {
    const controller = new AbortController();
    const { clock, strategy } = setup({
      cushion: false,
      onRetry: () => controller.abort('stop'),
    });
    let calls = 0;
    const action = (): never => {
      calls += 1;
      throw new Error('x');
    };
    expect(thrown(() => strategy.shotSync(action, { signal: controller.signal }))).toBe('stop');
    expect([calls, clock.now()]).toEqual([1, 0]);
  });
});
