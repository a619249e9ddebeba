import { runInNewContext } from 'node:vm';
import {
  CircuitOpenError,
  createStrategy,
  InvalidOptionError,
  type RetryEvent,
  type Strategy,
  type StrategyOptions,
  shot,
  type Verdict,
} from '@carom/core';
import { ManualClock, seededRandom } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { caught, failing, verdict, type Watched, watch } from './scenario.js';

const clock = new ManualClock();
const fast = (options: StrategyOptions = {}): Strategy =>
  createStrategy({ clock, random: () => 0, ...options });

/** Plays to the end, however long it takes. */
async function played<T>(promise: Promise<T>): Promise<Watched<T>> {
  const result = watch(promise);
  await clock.advance(3_600_000);
  expect(result.state).not.toBe('pending');
  expect(clock.pending).toBe(0);
  return result;
}

describe('a shot that succeeds', () => {
  test('is played once, at once, and needs no time', async () => {
    const action = failing([], 'done');
    expect(await fast().shot(action)).toBe('done');
    expect(action.calls).toBe(1);
    expect(clock.pending).toBe(0);
    expect(await shot(() => 'one-off')).toBe('one-off');
  });

  test.each([undefined, null, 0, '', false])('with %p', async (value) => {
    expect(await fast().shot(() => value)).toBe(value);
    expect(await fast().shot(async () => value)).toBe(value);
  });

  test('with an action that is not asynchronous, and one that returns a thenable', async () => {
    expect(await fast().shot(() => 7)).toBe(7);
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      then: (done: (value: number) => void): void => done(8),
    } as PromiseLike<number>;
    expect(await fast().shot(() => thenable)).toBe(8);
    expect(await fast({ timeout: 100 }).shot(() => thenable)).toBe(8);
  });

  test('the attempt counts from 1 and knows whether anything can end it', async () => {
    const seen: unknown[] = [];
    const action = ({
      attempt,
      abandonable,
      signal,
    }: {
      attempt: number;
      abandonable: boolean;
      signal: AbortSignal;
    }) => {
      seen.push([attempt, abandonable, signal.aborted]);
      if (attempt < 3) throw new Error('boom');
    };
    await played(fast().shot(action));
    await played(fast({ timeout: 5_000 }).shot(action, { retries: 0 }));
    await played(fast().shot(action, { attemptTimeout: 100, retries: 0 }));
    await played(fast().shot(action, { signal: new AbortController().signal, retries: 0 }));
    expect(seen).toEqual([
      [1, false, false],
      [2, false, false],
      [3, false, false],
      [1, true, false],
      [1, true, false],
      [1, true, false],
    ]);
  });
});

describe('a shot that fails', () => {
  test('is played again, after a delay, until it succeeds', async () => {
    const action = failing([new Error('1'), new Error('2')], 'done');
    const result = watch(fast({ jitter: false }).shot(action));
    await clock.settle();
    expect(action.calls).toBe(1);
    await clock.advance(99);
    expect(action.calls).toBe(1);
    await clock.advance(1);
    expect(action.calls).toBe(2);
    await clock.advance(199);
    expect(action.calls).toBe(2);
    await clock.advance(1);
    expect(result).toEqual({ state: 'fulfilled', value: 'done' });
    expect(clock.pending).toBe(0);
  });

  test.each([
    [undefined, 4],
    [0, 1],
    [1, 2],
    [5, 6],
  ])('retries %p: %d attempts', async (retries, attempts) => {
    const action = failing(
      Array.from({ length: 20 }, () => new Error('boom')),
      'done',
    );
    const result = await played(fast({ retries }).shot(action));
    expect(result.state).toBe('rejected');
    expect(action.calls).toBe(attempts);
  });

  test('ends with its last error: the very same object, unchanged', async () => {
    const errors = [1, 2, 3].map((n) => Object.freeze(new Error(`${n}`)));
    const result = await played(fast({ retries: 2 }).shot(failing(errors, 'done')));
    expect(result.error).toBe(errors[2]);
    expect(Reflect.ownKeys(result.error as Error).sort()).toEqual(['message', 'stack']);
  });

  test.each([undefined, null, 'boom', 0, Symbol.for('boom'), { status: 503 }])(
    'with %p: bounced, and handed on as it is',
    async (error) => {
      const action = failing([error, error], 'done');
      expect((await played(fast({ retries: 1 }).shot(action))).error).toBe(error);
      expect(action.calls).toBe(2);
      expect((await played(fast({ retries: 2 }).shot(failing([error, error], 'done')))).value).toBe(
        'done',
      );
    },
  );

  test.each<[string, StrategyOptions]>([
    ['without limits', {}],
    ['with a timeout', { timeout: 60_000 }],
  ])('by throwing at once, %s: no different', async (_, options) => {
    let calls = 0;
    const error = new Error('sync');
    const action = (): string => {
      calls += 1;
      if (calls < 3) throw error;
      return 'done';
    };
    expect((await played(fast(options).shot(action))).value).toBe('done');
    calls = -9;
    expect((await played(fast({ retries: 1, ...options }).shot(action))).error).toBe(error);
  });

  test('the delays never exceed the longest, and chance repeats with the seed', async () => {
    const delays = async (seed: number): Promise<readonly number[]> => {
      const seen: number[] = [];
      const options = { retries: 30, maxDelay: 2_000, random: seededRandom(seed) };
      const action = failing(
        Array.from({ length: 30 }, () => new Error('x')),
        'done',
      );
      await played(fast({ ...options, onRetry: ({ delay }) => seen.push(delay) }).shot(action));
      return seen;
    };
    const first = await delays(1);
    expect(first).toHaveLength(30);
    expect(Math.max(...first)).toBeLessThanOrEqual(2_000);
    expect(Math.min(...first)).toBeGreaterThanOrEqual(100);
    expect(await delays(1)).toEqual(first);
    expect(await delays(2)).not.toEqual(first);
  });
});

describe('what is not bounced', () => {
  const rows: readonly [string, unknown][] = [
    ['a TypeError', new TypeError('x is undefined')],
    ['a ReferenceError of another realm', runInNewContext('new ReferenceError("x")')],
    ['an AbortError', new DOMException('stop', 'AbortError')],
    ["Carom's own refusal", new CircuitOpenError('elsewhere', 10, 'open')],
    ['a wrong option', new InvalidOptionError('retries', 'no')],
  ];
  test.each(rows)('%s', async (_, error) => {
    const action = failing([error], 'done');
    expect(await caught(fast().shot(action))).toBe(error);
    expect(action.calls).toBe(1);
  });

  test('but the TypeError of a failed fetch is', async () => {
    const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const action = failing([new TypeError('fetch failed', { cause })], 'done');
    expect((await played(fast().shot(action))).value).toBe('done');
  });
});

describe('shouldBounce', () => {
  test('is asked with the error, the attempt and the verdict', async () => {
    const asked: unknown[] = [];
    const errors = [new Error('1'), new Error('2')];
    const shouldBounce = (...args: readonly unknown[]): undefined => void asked.push(args);
    await played(fast({ shouldBounce }).shot(failing(errors, 'done')));
    expect(asked).toEqual([
      [errors[0], 1, expect.objectContaining({ kind: 'outage' })],
      [errors[1], 2, expect.objectContaining({ kind: 'outage' })],
    ]);
  });

  const rows: readonly [boolean | undefined, unknown, number][] = [
    [true, new Error('x'), 2],
    [undefined, new Error('x'), 2],
    [false, new Error('x'), 1],
    [true, new TypeError('x'), 2],
    [undefined, new TypeError('x'), 1],
    [false, new TypeError('x'), 1],
    [true, new DOMException('stop', 'AbortError'), 1],
  ];
  test.each(rows)('%p for %p: %d attempts', async (opinion, error, attempts) => {
    const action = failing([error], 'done');
    await played(fast({ shouldBounce: () => opinion }).shot(action));
    expect(action.calls).toBe(attempts);
  });

  test('yes does not add retries', async () => {
    const action = failing(
      [1, 2, 3, 4].map((n) => new Error(`${n}`)),
      'done',
    );
    await played(fast({ retries: 2, shouldBounce: () => true }).shot(action));
    expect(action.calls).toBe(3);
  });

  test('yes never has work played again that may be done and is not repeatable', async () => {
    let calls = 0;
    const lost = new Error('lost');
    const write = {
      play: (): never => {
        calls += 1;
        throw lost;
      },
      judge: () => verdict('outage', 'unknown'),
      repeatable: () => false,
    };
    expect(await caught(fast({ shouldBounce: () => true }).play(write))).toBe(lost);
    expect(calls).toBe(1);
  });

  test('that throws is a no: the shot ends with its own error', async () => {
    const error = new Error('of the database');
    const shouldBounce = (): never => {
      throw new Error('of the predicate');
    };
    expect(await caught(fast({ shouldBounce }).shot(failing([error], 'done')))).toBe(error);
  });
});

describe('patience', () => {
  test('bounds all delays together; the last one is cut to what is left', async () => {
    const delays: number[] = [];
    const options = {
      retries: 100,
      patience: 1_000,
      jitter: false,
      onRetry: ({ delay }: RetryEvent) => delays.push(delay),
    };
    const errors = Array.from({ length: 100 }, (_, n) => new Error(`${n}`));
    const before = clock.now();
    const result = watch(fast(options).shot(failing(errors, 'done')));
    await clock.advance(60_000);
    expect(delays).toEqual([100, 200, 400, 300]);
    expect(result.error).toBe(errors[4]);
    expect(clock.now() - before).toBe(60_000);
  });

  test('bounds contention, which retries do not', async () => {
    const action = failing(
      Array.from({ length: 1_000 }, () => new Error('deadlock')),
      'done',
    );
    const options = {
      retries: 1,
      patience: 5_000,
      random: () => 0.5,
      classify: () => verdict('contention', 'rolled-back'),
    };
    const result = watch(fast(options).shot(action));
    await clock.advance(4_999);
    expect(result.state).toBe('pending');
    await clock.advance(1);
    expect(result.state).toBe('rejected');
    // Delays of 5, 10, 20 … 320 ms, eight of 500 ms, and the rest of the patience.
    expect(action.calls).toBe(17);
  });

  test('of contention bounds the time that its attempts take as well: they wait for locks', async () => {
    const clock = new ManualClock();
    let calls = 0;
    const action = async (): Promise<never> => {
      calls += 1;
      await new Promise<void>((resolve) => clock.after(1_000, resolve));
      throw new Error('deadlock');
    };
    const classify = (): Verdict => verdict('contention', 'rolled-back');
    const strategy = createStrategy({ clock, random: () => 0, patience: 5_000, classify });
    const result = watch(strategy.shot(action));
    await clock.advance(5_999);
    expect(result.state).toBe('pending');
    await clock.advance(1);
    expect(result).toMatchObject({ state: 'rejected', error: { message: 'deadlock' } });
    expect(calls).toBe(6);
  });

  test('of zero does not wait at all', async () => {
    const action = failing([new Error('x')], 'done');
    expect((await played(fast({ patience: 0 }).shot(action))).state).toBe('rejected');
    expect(action.calls).toBe(1);
  });
});

describe('onRetry', () => {
  test('is told of each bounce, before its delay, and of nothing else', async () => {
    const events: RetryEvent[] = [];
    const errors = [1, 2].map((n) => new Error(`${n}`));
    const play = failing([...errors, new Error('3')], 'done');
    const options = {
      retries: 2,
      jitter: false,
      onRetry: (event: RetryEvent) => events.push(event),
    };
    const result = watch(fast(options).play({ name: 'order.create', play }));
    await clock.settle();
    expect(events).toHaveLength(1);
    await clock.advance(60_000);
    expect(result.state).toBe('rejected');
    expect(events).toEqual([
      {
        operation: 'order.create',
        attempt: 1,
        delay: 100,
        error: errors[0],
        verdict: expect.objectContaining({ kind: 'outage' }),
      },
      {
        operation: 'order.create',
        attempt: 2,
        delay: 200,
        error: errors[1],
        verdict: expect.objectContaining({ kind: 'outage' }),
      },
    ]);
  });

  test('that throws changes nothing', async () => {
    const onRetry = (): never => {
      throw new Error('of the listener');
    };
    expect((await played(fast({ onRetry }).shot(failing([new Error('x')], 'done')))).value).toBe(
      'done',
    );
  });
});

describe('the judgement of a strategy and of a shot', () => {
  test('classify decides', async () => {
    const action = failing([new Error('x')], 'done');
    const result = await played(fast({ classify: () => verdict('permanent') }).shot(action));
    expect(result.state).toBe('rejected');
    expect(action.calls).toBe(1);
  });

  test("the shot's own judgement comes first", async () => {
    const play = failing([new TypeError('x')], 'done');
    const shot = { play, judge: () => verdict('outage') };
    expect((await played(fast({ classify: () => verdict('permanent') }).play(shot))).value).toBe(
      'done',
    );
  });

  test('contention is not counted against the retries', async () => {
    const kinds = ['contention', 'outage', 'contention', 'outage', 'contention'] as const;
    let n = 0;
    const play = failing(
      kinds.map((kind) => new Error(kind)),
      'done',
    );
    const judge = (): ReturnType<typeof verdict> => verdict(kinds[n++] ?? 'permanent');
    expect((await played(fast({ retries: 2 }).play({ play, judge }))).value).toBe('done');
  });
});
