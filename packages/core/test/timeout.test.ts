import { getEventListeners } from 'node:events';
import { type Attempt, Cushion, createStrategy, isCaromError, ShotTimeoutError } from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { deferred, failing, never, verdict, watch } from './scenario.js';

const at = async (clock: ManualClock, ms: number): Promise<void> => clock.advance(ms - clock.now());

describe('timeout: the whole shot', () => {
  test('ends an attempt that hangs, and aborts its signal with the same error', async () => {
    const clock = new ManualClock();
    let attempt: Attempt | undefined;
    const action = (it: Attempt): Promise<never> => {
      attempt = it;
      return never();
    };
    const result = watch(createStrategy({ clock, timeout: 500 }).shot(action));
    await at(clock, 499);
    expect(result.state).toBe('pending');
    expect(attempt?.signal.aborted).toBe(false);
    await at(clock, 500);
    expect(result.error).toBeInstanceOf(ShotTimeoutError);
    expect(result.error).toMatchObject({
      code: 'CAROM_TIMEOUT',
      scope: 'shot',
      limit: 500,
    });
    expect((result.error as Error).cause).toBeUndefined();
    expect(attempt?.signal.reason).toBe(result.error);
    expect(clock.pending).toBe(0);
  });

  test('counts attempts and delays together, and its cause is the last error', async () => {
    const clock = new ManualClock();
    const first = new Error('1');
    const action = ({ attempt }: Attempt): Promise<never> =>
      attempt === 1 ? Promise.reject(first) : never();
    const result = watch(createStrategy({ clock, timeout: 500, jitter: false }).shot(action));
    await at(clock, 499);
    expect(result.state).toBe('pending');
    await at(clock, 500);
    expect(result.error).toMatchObject({ scope: 'shot', limit: 500 });
    expect((result.error as Error).cause).toBe(first);
    expect(clock.pending).toBe(0);
  });

  test('is over during a delay that is longer: nothing more is played, and nobody told of a bounce', async () => {
    const clock = new ManualClock();
    const error = new Error('1');
    const action = failing([error, error], 'done');
    const retried: unknown[] = [];
    const strategy = createStrategy({
      clock,
      timeout: 50,
      jitter: false,
      onRetry: (event) => retried.push(event),
    });
    const result = watch(strategy.shot(action));
    await at(clock, 49);
    expect(result.state).toBe('pending');
    await at(clock, 50);
    expect(result.error).toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'shot', limit: 50 });
    expect((result.error as Error).cause).toBe(error);
    await clock.advance(10_000);
    expect(action.calls).toBe(1);
    expect(retried).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('a delay that ends with the time plays nothing more', async () => {
    const clock = new ManualClock();
    const action = failing([new Error('1')], 'done');
    const result = watch(createStrategy({ clock, timeout: 100, jitter: false }).shot(action));
    await clock.advance(1_000);
    expect(result.error).toMatchObject({ scope: 'shot' });
    expect(action.calls).toBe(1);
  });

  test('runs while parked; before any attempt there is no cause', async () => {
    const clock = new ManualClock();
    const cushion = new Cushion('a', { failures: 1, whenOpen: 'park' }, { clock });
    cushion.circuit.fail(cushion.circuit.enter());
    const result = watch(createStrategy({ clock, cushion, timeout: 300 }).shot(() => 'done'));
    await at(clock, 299);
    expect(cushion.parked).toBe(1);
    await at(clock, 300);
    expect(result.error).toMatchObject({ scope: 'shot', limit: 300 });
    expect((result.error as Error).cause).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  test('a success in time is a success, and no timer is left', async () => {
    const clock = new ManualClock();
    const gate = deferred<string>();
    const result = watch(
      createStrategy({ clock, timeout: 100, attemptTimeout: 100 }).shot(() => gate.promise),
    );
    await at(clock, 99);
    gate.resolve('done');
    await clock.settle();
    expect(result).toEqual({ state: 'fulfilled', value: 'done' });
    expect(clock.pending).toBe(0);
  });

  test('a late error of the work itself is handed on as it is, and not bounced', async () => {
    const clock = new ManualClock();
    const error = new Error('late');
    const action = (): never => {
      clock.block(1_000); // The timer could not fire.
      throw error;
    };
    const result = watch(createStrategy({ clock, timeout: 100 }).shot(action));
    await clock.settle();
    expect(result.error).toBe(error);
    expect(clock.pending).toBe(0);
  });

  test('the discarding of a connection is within it', async () => {
    const clock = new ManualClock();
    const error = new Error('1');
    const shot = { play: failing([error], 'done'), discard: never };
    const result = watch(createStrategy({ clock, timeout: 100 }).play(shot));
    await clock.advance(99);
    expect(result.state).toBe('pending');
    await clock.advance(1);
    expect(result.error).toMatchObject({ scope: 'shot', cause: error });
    expect(clock.pending).toBe(0);
  });
});

describe('attemptTimeout: one attempt', () => {
  test('ends the attempt, and the next one is played with time of its own', async () => {
    const clock = new ManualClock();
    const signals: AbortSignal[] = [];
    const action = ({ attempt, signal }: Attempt): Promise<string> => {
      signals.push(signal);
      return attempt < 3 ? never() : Promise.resolve('done');
    };
    const result = watch(createStrategy({ clock, attemptTimeout: 50, jitter: false }).shot(action));
    await at(clock, 50);
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
    expect(signals[0]?.reason).toMatchObject({ scope: 'attempt', limit: 50 });
    await at(clock, 50 + 100 + 50 + 200);
    expect(result).toEqual({ state: 'fulfilled', value: 'done' });
    expect(signals.map((signal) => signal.aborted)).toEqual([true, true, false]);
    expect(clock.pending).toBe(0);
  });

  test('is the last error, if all attempts are used up', async () => {
    const clock = new ManualClock();
    const result = watch(createStrategy({ clock, attemptTimeout: 50, retries: 1 }).shot(never));
    await clock.advance(10_000);
    expect(result.error).toMatchObject({ code: 'CAROM_TIMEOUT', scope: 'attempt', limit: 50 });
  });

  test.each([
    [50, 100, 'attempt', 50],
    [100, 100, 'shot', 100],
    [200, 100, 'shot', 100],
  ])(
    'attemptTimeout %d within timeout %d: the %s clock rings first',
    async (attemptTimeout, timeout, scope, limit) => {
      const clock = new ManualClock();
      const result = watch(
        createStrategy({ clock, attemptTimeout, timeout, retries: 0 }).shot(never),
      );
      await clock.advance(limit);
      expect(result.error).toMatchObject({ scope, limit });
      expect(clock.pending).toBe(0);
    },
  );

  test('counts against the cushion, as any outage does', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({
      clock,
      attemptTimeout: 50,
      retries: 0,
      cushion: { failures: 2 },
    });
    for (let n = 0; n < 2; n++) watch(strategy.shot(never));
    await clock.advance(50);
    expect(strategy.cushion?.state).toBe('open');
  });

  test('a late result of an abandoned attempt does not count at the cushion', async () => {
    const clock = new ManualClock();
    const strategy = createStrategy({
      clock,
      attemptTimeout: 50,
      retries: 0,
      cushion: { failures: 2 },
    });
    const gate = deferred<never>();
    watch(strategy.shot(() => gate.promise));
    await clock.advance(50);
    gate.reject(new Error('late'));
    await clock.settle();
    expect(strategy.cushion?.state).toBe('closed');
  });
});

describe('a timeout is told apart', () => {
  test("from a socket's ETIMEDOUT, and from the caller's abort", async () => {
    const clock = new ManualClock();
    const socket = Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' });
    const strategy = createStrategy({ clock, timeout: 1_000, retries: 0 });
    const fromSocket = watch(strategy.shot(() => Promise.reject(socket)));
    const controller = new AbortController();
    const fromCaller = watch(strategy.shot(never, { signal: controller.signal }));
    const fromClock = watch(strategy.shot(never));
    await clock.advance(10);
    controller.abort();
    await clock.advance(990);
    expect(fromSocket.error).toBe(socket);
    expect(fromCaller.error).toMatchObject({ name: 'AbortError' });
    expect(fromClock.error).toMatchObject({ name: 'ShotTimeoutError' });
    expect([fromSocket, fromCaller, fromClock].map(({ error }) => isCaromError(error))).toEqual([
      false,
      false,
      true,
    ]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('the judge sees it without a cause, which might be taken for what it means', async () => {
    const clock = new ManualClock();
    const deadlock = new Error('deadlock');
    const causes: unknown[] = [];
    const shot = {
      play: ({ attempt }: Attempt) => (attempt === 1 ? Promise.reject(deadlock) : never()),
      judge: (error: unknown) => {
        causes.push((error as Error).cause);
        return error === deadlock
          ? verdict('contention', 'rolled-back')
          : verdict('outage', 'unknown');
      },
    };
    const result = watch(createStrategy({ clock, timeout: 100 }).play(shot));
    await clock.advance(100);
    expect(causes).toEqual([undefined, undefined]);
    expect(result.error).toMatchObject({ scope: 'shot', cause: deadlock });
  });
});
