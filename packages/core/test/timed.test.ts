import {
  type Attempt,
  Cushion,
  createStrategy,
  isCaromError,
  ShotTimeoutError,
  type Strategy,
  type StrategyOptions,
} from '@carom/core';
import { ManualClock } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { type Deferred, deferred, never, type Watched, watch } from './scenario.js';

function setup(options: StrategyOptions): { clock: ManualClock; strategy: Strategy } {
  const clock = new ManualClock();
  return { clock, strategy: createStrategy({ clock, jitter: false, ...options }) };
}

const each = { attemptTimeout: 50 } as const;
const total = { timeout: 50 } as const;

describe.each<[string, StrategyOptions]>([
  ['attemptTimeout', each],
  ['timeout', total],
  ['both', { ...each, timeout: 500 }],
])('a first attempt with a clock (%s)', (_, options) => {
  test.each([
    ['at once', 0],
    ['in the last moment', 49.999],
  ])('that is done %s: its value, and no timer left', async (__, when) => {
    const { clock, strategy } = setup(options);
    const gate = deferred<string>();
    let signal: AbortSignal | undefined;
    const result = watch(
      strategy.shot((attempt) => {
        signal = attempt.signal;
        return gate.promise;
      }),
    );
    await clock.advance(when);
    gate.resolve('done');
    await clock.settle();
    expect(result).toEqual({ state: 'fulfilled', value: 'done' });
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    expect(signal?.aborted).toBe(false);
  });

  test('the attempt knows its number, and that it can be ended', async () => {
    const { strategy } = setup(options);
    expect(await strategy.shot(({ attempt, abandonable }) => [attempt, abandonable])).toEqual([
      1,
      true,
    ]);
  });

  test.each<[string, (gate: Deferred<string>) => void]>([
    ['value', (gate) => gate.resolve('late')],
    ['error', (gate) => gate.reject(new Error('late'))],
  ])(
    'a late %s changes nothing: not the shot, not the next one, not the cushion',
    async (__, come) => {
      const clock = new ManualClock();
      const cushion = new Cushion('c', { failures: 2, lastCalls: 2 }, { clock });
      const { strategy } = setup({ ...options, clock, cushion, retries: 0 });
      const gate = deferred<string>();
      const result = watch(strategy.shot(() => gate.promise));
      await clock.advance(50);
      const { error } = result;
      expect(error).toBeInstanceOf(ShotTimeoutError);
      const next = watch(strategy.shot(never));
      await clock.settle();
      come(gate);
      await clock.settle();
      expect(result).toEqual({ state: 'rejected', error });
      expect(next.state).toBe('pending');
      // One failure so far; it would be open with the late one, and be without one with the success.
      expect(cushion.state).toBe('closed');
      await clock.advance(50);
      expect(next.error).toBeInstanceOf(ShotTimeoutError);
      expect(cushion.state).toBe('open');
    },
  );
});

test('an error, then another attempt with a clock of its own', async () => {
  const { clock, strategy } = setup(each);
  const seen: unknown[] = [];
  const result = watch(
    strategy.shot(async ({ attempt, signal }) => {
      seen.push([attempt, clock.now(), signal.aborted]);
      await new Promise<void>((resolve) => void clock.after(30, resolve));
      if (attempt < 3) throw new Error('again');
      return 'done';
    }),
  );
  await clock.advance(10_000);
  expect(result).toEqual({ state: 'fulfilled', value: 'done' });
  expect(seen).toEqual([
    [1, 0, false],
    [2, 130, false],
    [3, 360, false],
  ]);
});

test('a timeout, then another attempt: from the moment of the timeout', async () => {
  const { clock, strategy } = setup(each);
  const seen: unknown[] = [];
  const result = watch(
    strategy.shot(({ attempt }) => {
      seen.push([attempt, clock.now()]);
      return attempt < 3 ? never() : 'done';
    }),
  );
  await clock.advance(10_000);
  expect(result).toEqual({ state: 'fulfilled', value: 'done' });
  expect(seen).toEqual([
    [1, 0],
    [2, 150],
    [3, 400],
  ]);
  expect(clock.pending).toBe(0);
});

describe('the signal of an attempt that the clock ended', () => {
  test.each(['before', 'after'])(
    'asked for %s: aborted, with the timeout as its reason',
    async (when) => {
      const { clock, strategy } = setup({ ...each, retries: 0 });
      let attempt: Attempt | undefined;
      let heard: unknown;
      const result = watch(
        strategy.shot((it) => {
          attempt = it;
          if (when === 'before') {
            const { signal } = it;
            signal.addEventListener('abort', () => {
              heard = signal.reason;
            });
          }
          return never();
        }),
      );
      await clock.advance(50);
      expect(attempt?.signal.aborted).toBe(true);
      expect(attempt?.signal.reason).toBe(result.error);
      expect(heard).toBe(when === 'before' ? result.error : undefined);
      expect(result.error).toMatchObject({ scope: 'attempt', limit: 50 });
    },
  );

  test('is not that of an older shot, whose action kept its attempt', async () => {
    const { clock, strategy } = setup({ ...each, retries: 0 });
    const kept: Attempt[] = [];
    // Without a parameter, as what is wrapped around another function often is.
    const keep = (...args: readonly Attempt[]): number => kept.push(...args);
    await strategy.shot(keep);
    await strategy.shot(keep);
    const signal = kept[0]?.signal;
    const hung = watch(
      strategy.shot((...args: readonly Attempt[]) => {
        kept.push(...args);
        return never();
      }),
    );
    await clock.advance(50);
    expect(hung.error).toMatchObject({ scope: 'attempt' });
    expect(kept).toHaveLength(3);
    expect(signal?.aborted).toBe(false);
    expect(kept.map((attempt) => attempt.signal.aborted)).toEqual([false, false, true]);
  });

  test('an action that ends with that reason has not failed a second time', async () => {
    const { clock, strategy } = setup({ ...each, retries: 0, cushion: { failures: 2 } });
    const heed = ({ signal }: Attempt): Promise<never> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const result = watch(strategy.shot(heed));
    await clock.advance(50);
    expect(result.error).toMatchObject({ scope: 'attempt' });
    expect(strategy.cushion?.state).toBe('closed');
  });
});

test("is told apart from the caller's abort, and from a socket's ETIMEDOUT", async () => {
  const { clock, strategy } = setup({ ...each, retries: 0 });
  const socket = Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT' });
  const controller = new AbortController();
  const reason = new DOMException('took too long', 'TimeoutError');
  const ends: Record<string, Watched<unknown>> = {
    socket: watch(strategy.shot(() => Promise.reject(socket))),
    caller: watch(strategy.shot(never, { signal: controller.signal })),
    clock: watch(strategy.shot(never)),
  };
  await clock.advance(49);
  controller.abort(reason);
  await clock.advance(1);
  expect(ends['socket']?.error).toBe(socket);
  expect(ends['caller']?.error).toBe(reason);
  expect(ends['clock']?.error).toMatchObject({ name: 'ShotTimeoutError', code: 'CAROM_TIMEOUT' });
  expect(Object.values(ends).map(({ error }) => isCaromError(error))).toEqual([false, false, true]);
});
