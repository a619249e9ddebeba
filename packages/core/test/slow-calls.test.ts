import { Cushion, type CushionOptions, createStrategy, type StrategyOptions } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, deferred, verdict, watch } from './scenario.js';

function setup(options: CushionOptions = {}, more: StrategyOptions = {}) {
  const clock = new ManualClock();
  const cushion = new Cushion(
    'c',
    { failures: 2, lastCalls: 4, slowAfter: 100, halfOpenAfter: 1_000, ...options },
    { clock, random: () => 0 },
  );
  const strategy = createStrategy({ clock, cushion, retries: 0, ...more });
  /** A call that takes so long, and ends as the function says. */
  const call = async (ms: number, end: () => unknown = () => 'done', perCall?: object) => {
    const result = watch(
      strategy.shot(async () => {
        await new Promise<void>((resolve) => void clock.after(ms, resolve));
        return end();
      }, perCall),
    );
    await clock.advance(ms);
    expect(result.state).not.toBe('pending');
    return result;
  };
  return { clock, cushion, strategy, call };
}

const fail = (): never => {
  throw new Error('down');
};

describe('slowAfter, while the cushion is closed', () => {
  test('calls that take so long count as failures; their callers get what came', async () => {
    const { cushion, call, clock } = setup();
    expect(await call(100)).toEqual({ state: 'fulfilled', value: 'done' });
    expect(cushion.state).toBe('closed');
    expect(await call(5_000)).toEqual({ state: 'fulfilled', value: 'done' });
    expect(cushion.state).toBe('open');
    expect(await call(0)).toMatchObject({
      state: 'rejected',
      error: { code: 'CAROM_CIRCUIT_OPEN' },
    });
    expect(clock.pending).toBe(0);
  });

  test('calls that take less do not, however many', async () => {
    const { cushion, call } = setup();
    for (let n = 0; n < 10; n++) await call(99.9);
    expect(cushion.state).toBe('closed');
  });

  test('slow calls and failures are counted together, and successes push them out', async () => {
    const { cushion, call } = setup();
    await call(100);
    await call(0, fail);
    expect(cushion.state).toBe('open');
    const other = setup();
    await other.call(100);
    for (let n = 0; n < 4; n++) await other.call(0);
    await other.call(0, fail);
    expect(other.cushion.state).toBe('closed');
  });

  test('in a time window too', async () => {
    const clock = new ManualClock();
    const cushion = new Cushion('c', { slowAfter: 100, minimum: 5 }, { clock });
    const strategy = createStrategy({ clock, cushion });
    for (let n = 0; n < 5; n++) {
      expect(cushion.state).toBe('closed');
      const result = watch(
        strategy.shot(() => new Promise<void>((resolve) => void clock.after(100, resolve))),
      );
      await clock.advance(100);
      expect(result.state).toBe('fulfilled');
    }
    expect(cushion.state).toBe('open');
  });

  test('each attempt is measured alone: neither the delays nor the attempts before it', async () => {
    const { clock, cushion, strategy } = setup(
      { failures: 3, lastCalls: 9 },
      { retries: 2, jitter: false },
    );
    let calls = 0;
    const result = watch(
      strategy.shot(async () => {
        calls += 1;
        await new Promise<void>((resolve) => void clock.after(99, resolve));
        if (calls < 3) throw new Error('again');
        return 'done';
      }),
    );
    await clock.advance(60_000);
    expect([result.value, calls]).toEqual(['done', 3]);
    // Two failures, and a success that was not slow.
    expect(cushion.state).toBe('closed');
    watch(strategy.shot(() => Promise.reject(new Error('third')), { retries: 0 }));
    await clock.settle();
    expect(cushion.state).toBe('open');
  });

  test('waiting to be let in is not the call', async () => {
    const { clock, cushion, strategy, call } = setup({ whenOpen: 'park' });
    await call(0, fail);
    await call(0, fail);
    expect(cushion.state).toBe('open');
    const parked = watch(strategy.shot(() => 'at once'));
    await clock.advance(1_000);
    expect([parked.value, cushion.state]).toEqual(['at once', 'closed']);
  });

  test('a no that takes so long is an answer that took too long', async () => {
    const { cushion, call } = setup({}, { classify: () => verdict('permanent', 'rolled-back') });
    await call(99, fail);
    await call(99, fail);
    expect(cushion.state).toBe('closed');
    await call(100, fail);
    await call(100, fail);
    expect(cushion.state).toBe('open');
  });

  test('a failure is one failure, slow or not; what the caller cancelled is none', async () => {
    const { cushion, call } = setup();
    await call(500, fail);
    expect(cushion.state).toBe('closed');
    const { clock, ...other } = setup({ failures: 1 });
    const controller = new AbortController();
    const ended = caught(
      other.strategy.shot(() => new Promise(() => {}), { signal: controller.signal }),
    );
    await clock.advance(500);
    controller.abort('stop');
    expect(await ended).toBe('stop');
    expect(other.cushion.state).toBe('closed');
  });

  test('the same in one call with options, in a synchronous shot, and with clocks running', async () => {
    const { cushion, call } = setup();
    await call(100, undefined, { retries: 1 });
    await call(100, undefined, { timeout: 900, attemptTimeout: 900 });
    expect(cushion.state).toBe('open');
    const sync = setup();
    const slow = (): string => {
      sync.clock.block(100);
      return 'done';
    };
    expect(sync.strategy.shotSync(slow)).toBe('done');
    expect(sync.cushion.state).toBe('closed');
    expect(sync.strategy.shotSync(slow)).toBe('done');
    expect(sync.cushion.state).toBe('open');
  });

  test('0: every call is slow; not given: none is', async () => {
    const every = setup({ slowAfter: 0 });
    await every.call(0);
    await every.call(0);
    expect(every.cushion.state).toBe('open');
    const none = setup({ slowAfter: undefined });
    for (let n = 0; n < 4; n++) await none.call(86_400_000);
    expect(none.cushion.state).toBe('closed');
    expect(none.cushion.rules.slowAfter).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('slowAfter, while it is half-open', () => {
  const halfOpen = async (options: CushionOptions = {}) => {
    const it = setup(options);
    await it.call(0, fail);
    await it.call(0, fail);
    expect(it.cushion.state).toBe('open');
    await it.clock.advance(1_000);
    return it;
  };

  test('a probe that is slow opens it again, for longer', async () => {
    const { cushion, call } = await halfOpen();
    expect(await call(100)).toEqual({ state: 'fulfilled', value: 'done' });
    expect([cushion.state, cushion.retryAfter]).toEqual(['open', 2_000]);
  });

  test('a probe that is not closes it', async () => {
    const { cushion, call } = await halfOpen();
    await call(99);
    expect(cushion.state).toBe('closed');
    // The slow and the failed of before are no argument any more.
    await call(100);
    expect(cushion.state).toBe('closed');
  });

  test('a slow probe of an older round decides nothing', async () => {
    const { clock, cushion, strategy } = await halfOpen({ probeLease: 200 });
    const gate = deferred<string>();
    const hung = watch(strategy.shot(() => gate.promise));
    await clock.advance(200);
    const second = watch(strategy.shot(() => 'second'));
    await clock.settle();
    expect([second.value, cushion.state]).toEqual(['second', 'closed']);
    gate.resolve('first');
    await clock.settle();
    expect([hung.value, cushion.state]).toEqual(['first', 'closed']);
  });
});
